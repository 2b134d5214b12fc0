import Testing

@testable import LambdaCache

@Suite("The byte that an adaptive policy keeps of an entry")
struct EntryMarkTests {
  @Test("Uses in the main queue are counted up to three")
  func usesOfMain() {
    var mark = EntryMark.main(uses: 0, worth: 21)
    for uses in [1, 2, 3, 3, 3] {
      mark = mark.used(inEpoch: 5)
      #expect(mark.isMain && mark.uses == uses && mark.worth == 21)
    }
  }

  @Test("A use in the small queue counts once, and not while the entry is young")
  func usesOfSmall() {
    for birth in UInt8(0)..<8 {
      let mark = EntryMark.small(isUsed: false, worth: 5, birth: birth)
      for age in UInt8(0)..<8 {
        let used = mark.used(inEpoch: (birth + age) & 7)
        #expect(used.uses == (age < 2 ? 0 : 1))
        #expect(!used.isMain && used.worth == 5 && used.birth == birth)
        #expect(used.used(inEpoch: (birth + age) & 7) == used)
      }
    }
  }

  @Test("The table of marks after a hit says the same for each mark and epoch")
  func table() {
    for epoch in UInt8(0)..<8 {
      let table = UsedMarks.inEpoch(epoch)
      for bits in UInt8.min...UInt8.max {
        #expect(table[Int(bits)] == EntryMark(bits: bits).used(inEpoch: epoch))
      }
    }
  }

  @Test("A worth is kept to half a step, whatever the clock shows and the size is")
  func worths() {
    var clock = QueueClock()
    for round in 0..<200 {
      clock.advance(to: clock.time + UInt64(round) * 31_415_926_535)
      for octave in 1..<SizeOctave.count {
        for uses in 1...3 {
          let exact = clock.worth(uses: uses, octave: octave)
          let main = EntryMark.main(
            uses: 0, worth: clock.mark(.main, uses: uses, octave: octave))
          let step = UInt64(1) << QueueClock.shift(octave)
          #expect(clock.worth(main, octave: octave).distance(to: exact).magnitude <= step / 2)
        }
        let exact = clock.worth(uses: 1, octave: octave)
        let small = EntryMark.small(
          isUsed: false, worth: clock.mark(.small, uses: 1, octave: octave), birth: 0)
        let step = UInt64(1) << QueueClock.shift(octave)
        #expect(clock.worth(small, octave: octave).distance(to: exact).magnitude <= step / 2)
      }
    }
  }

  @Test("A worth that the clock has passed by two uses is not taken for one to come")
  func passedWorths() {
    var clock = QueueClock()
    for round in 1..<200 {
      for octave in 1..<SizeOctave.count {
        let exact = clock.worth(uses: 1, octave: octave)
        let mark = EntryMark.main(uses: 0, worth: clock.mark(.main, uses: 1, octave: octave))
        var later = clock
        later.advance(to: clock.worth(uses: 3, octave: octave))
        #expect(later.worth(mark, octave: octave) < later.time)
        let step = UInt64(1) << QueueClock.shift(octave)
        #expect(later.worth(mark, octave: octave).distance(to: exact).magnitude <= step / 2)
      }
      clock.advance(to: clock.time + UInt64(round) * 31_415_926_535)
    }
  }

  @Test("An entry of twice the size is in the next octave")
  func octaves() {
    #expect(
      [0, 25, 31, 32, 63, 64, 127, 128].map(SizeOctave.octave(ofByteCount:))
        == [1, 1, 1, 1, 1, 2, 2, 3])
    #expect(SizeOctave.octave(ofByteCount: .max) == SizeOctave.count - 1)
  }

  @Test("A ghost knows the latest keys, each once, and forgets the oldest of a bucket")
  func ghost() {
    var ghost = GhostTable()
    ghost.resize(toCapacity: 8)
    defer { ghost.resize(toCapacity: 0) }
    for key in UInt32(1)...9 { ghost.insert(key &* 0x0101_4753) }
    #expect(!ghost.contains(0x0101_4753))
    for key in UInt32(2)...9 {
      #expect(ghost.contains(key &* 0x0101_4753) && ghost.remove(key &* 0x0101_4753))
      #expect(!ghost.contains(key &* 0x0101_4753) && !ghost.remove(key &* 0x0101_4753))
    }
  }

  @Test("A ghost of many buckets uses all of them")
  func ghostOfManyBuckets() {
    var ghost = GhostTable()
    ghost.resize(toCapacity: 8_000)
    defer { ghost.resize(toCapacity: 0) }
    var random = SystemRandomNumberGenerator()
    let keys = (0..<4_000).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
    for key in keys { ghost.insert(key) }
    // Buckets that are half full on average overflow now and then.
    #expect(keys.count { ghost.contains($0) } > 3_800)
  }
}
