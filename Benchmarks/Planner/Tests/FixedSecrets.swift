import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Has caches that a test makes draw the same secrets for their hashes.
enum FixedSecrets {
  /// Whether the present task and thread draw the same numbers each time.
  @TaskLocal static var isActive = false
}

/// Fills a buffer with random bytes, for `SystemRandomNumberGenerator`: where the linker finds a
/// function of this name in a program, it does not look for that of the standard library.
@_cdecl("swift_stdlib_random")
public func fillWithRandomness(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
  if FixedSecrets.isActive {
    memset(buffer, 0x5A, count)
    return
  }
  // It is asked for a few bytes at a time, and gives up to 256.
  guard getentropy(buffer, count) == 0 else { fatalError("the system has no random numbers") }
}

@Suite("Secrets that are fixed")
struct FixedSecretsTests {
  @Test("A test can have caches draw the same secrets, and others draw different ones")
  func draws() {
    func draw() -> UInt64 {
      var generator = SystemRandomNumberGenerator()
      return generator.next()
    }
    #expect(draw() != draw())
    FixedSecrets.$isActive.withValue(true) { #expect(draw() == draw()) }
    #expect(draw() != draw())
  }
}
