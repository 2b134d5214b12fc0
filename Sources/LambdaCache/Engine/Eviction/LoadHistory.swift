/// How far the time of one load of a key tells the time of the next one.
///
/// Load times also differ by chance: by a new connection, or by a busy database. An entry is worth
/// the time that its next load will take, and the best guess of that lies between the last time and
/// the average of all keys: the nearer to the average, the less the times of the same key agree
/// with one another (regression to the mean: Galton, 1886). All is reckoned with the bits of
/// ``LoadCost``, which are about eight times the logarithm of the time to base two.
struct LoadHistory {
  private struct Record {
    var hash: UInt32 = 0
    var cost = LoadCost.none
  }

  private static let capacity = 64
  /// A pair of times counts half as much after about 180 others.
  private static let memory = 1 - 1 / 256.0
  /// What is assumed before anything is known, as of four pairs that differ by an octave from the
  /// average, and not from each other.
  private static let assumed = 256.0
  /// Loads of which one takes the place of another key's record.
  private static let replacementInterval = 64

  /// Keys with their last load times; a few of all there are.
  private var records: UnsafeMutablePointer<Record>?
  private var loadCount = 0
  private var mean = 0.0
  /// Of pairs of times of the same key: the sum of squared distances from the mean, and that of
  /// the products of both.
  private var spread = LoadHistory.assumed
  private var agreement = LoadHistory.assumed

  mutating func open() {
    guard records == nil else { return }
    let records = UnsafeMutablePointer<Record>.allocate(capacity: Self.capacity)
    records.initialize(repeating: Record(), count: Self.capacity)
    self.records = records
  }

  mutating func release() {
    records?.deallocate()
    records = nil
  }

  /// Takes note of a load time.
  mutating func learn(_ cost: LoadCost, hash: UInt32) {
    loadCount &+= 1
    let distance = Double(cost.bits) - mean
    mean += distance / Double(min(loadCount, 64))
    guard let records else { return }
    let place = Int((hash &* 0x9E37_79B1) >> 26)
    let record = records[place]
    if record.cost != .none, record.hash == hash {
      let (first, second) = (Double(record.cost.bits) - mean, Double(cost.bits) - mean)
      spread = spread * Self.memory + (first * first + second * second) / 2
      agreement = agreement * Self.memory + first * second
    } else if record.cost != .none, loadCount % Self.replacementInterval != 0 {
      // Most stay for long, so that some of their keys come again.
      return
    }
    records[place] = Record(hash: hash, cost: cost)
  }

  /// How far the time of a load tells that of the next one, from 0 to 1.
  var reliability: Double { min(max(agreement / spread, 0), 1) }

  /// The load time to be expected after one.
  func expected(after cost: LoadCost) -> LoadCost {
    Self.cost(ofBits: mean + reliability * (Double(cost.bits) - mean))
  }

  /// The load time to be expected of a key of which nothing is known: 8 milliseconds before
  /// anything is.
  var average: LoadCost {
    loadCount == 0 ? LoadCost(microseconds: 8_000) : Self.cost(ofBits: mean)
  }

  private static func cost(ofBits bits: Double) -> LoadCost {
    LoadCost(bits: UInt8(min(max(bits.rounded(), 1), 255)))
  }
}
