/// The keys of every measurement: the key of an index is always the same, and no two are equal.
///
/// Integers are scattered over all 64 bits rather than counted up, so that no hash has a regular
/// pattern to profit from. Strings have 30 bytes of ASCII, as `users/00c0ffee00c0ffee/profile`, and
/// live on the heap.
public enum TestKeys {
  /// The integer key of an index.
  public static func integer(_ index: Int) -> Int {
    Int(truncatingIfNeeded: SplitMix64.mixed(UInt64(truncatingIfNeeded: index) &+ 1))
  }

  /// The 30-byte string key of an index.
  public static func text(_ index: Int) -> String {
    let digits = String(UInt64(bitPattern: Int64(integer(index))), radix: 16)
    let zeros = String(repeating: "0", count: 16 - digits.count)
    return "users/" + zeros + digits + "/profile"
  }

  /// An equal string in storage of its own, as every request brings.
  public static func copy(_ text: String) -> String {
    String(decoding: Array(text.utf8), as: UTF8.self)
  }

  /// Indices below `bound`, each as likely as any other.
  public static func indices(count: Int, below bound: Int, seed: UInt64) -> [Int] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in generator.nextIndex(below: bound) }
  }
}
