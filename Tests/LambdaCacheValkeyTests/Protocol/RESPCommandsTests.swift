import Testing

@testable import LambdaCacheValkey

@Suite("Commands as they are sent")
struct RESPCommandsTests {
  @Test("Commands are arrays of texts, one behind the other, and are counted")
  func encoding() {
    var commands = RESPCommands()
    commands.append("TIME")
    commands.append("SET", arguments: [Array("clé".utf8), [0, 13, 10]])
    commands.append("EVAL", "x", "0", arguments: [[UInt8]]())
    #expect(
      commands.bytes
        == Array(
          """
          *1\r\n$4\r\nTIME\r\n*3\r\n$3\r\nSET\r\n$4\r\nclé\r\n$3\r\n\0\r\n\r\n\
          *3\r\n$4\r\nEVAL\r\n$1\r\nx\r\n$1\r\n0\r\n
          """.utf8))
    #expect(commands.count == 3)
  }
}

@Suite("The digest of a script")
struct SHA1Tests {
  @Test(
    "The digest of a script is that of the standard",
    arguments: [
      (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
      (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
      (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
      ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
    ] as [(String, String)])
  func vectors(text: String, digest: String) {
    #expect(SHA1.hexDigest(text) == digest)
  }
}
