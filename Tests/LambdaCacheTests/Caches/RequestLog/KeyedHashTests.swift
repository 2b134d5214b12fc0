import LambdaCache
import Testing

@Suite("The keyed hash of a request log")
struct KeyedHashTests {
  // The test vectors of SipHash-2-4's authors: the key is 00 01 … 0f, the input 00 01 ….
  @Test(
    "A keyed hash is SipHash-2-4 as its authors publish it",
    arguments: [
      (0, 0x726F_DB47_DD0E_0E31), (1, 0x74F8_39C5_93DC_67FD), (2, 0x0D6C_8009_D9A9_4F5A),
      (3, 0x8567_6696_D7FB_7E2D), (7, 0xAB02_00F5_8B01_D137), (8, 0x93F5_F579_9A93_2462),
      (15, 0xA129_CA61_49BE_45E5),
    ] as [(Int, UInt64)])
  func vectors(count: Int, expected: UInt64) {
    let hash = KeyedHash(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
    let input = (0..<count).map { UInt8($0) }
    #expect(input.withUnsafeBytes { hash.hash($0) } == expected)
  }

  @Test("A keyed hash of a number is that of its eight bytes")
  func numbers() {
    let hash = KeyedHash(secret: "a secret of sixteen")
    let word: UInt64 = 0x0123_4567_89AB_CDEF
    let bytes = withUnsafeBytes(of: word.littleEndian) { hash.hash($0) }
    #expect(hash.hash(word) == bytes)
    #expect(hash.hash(ofKey: word) == bytes)
    #expect(hash.hash(ofKey: -1) == hash.hash(UInt64.max))
  }

  @Test("A keyed hash is the same with the same secret, and with no other")
  func secrets() {
    let key = "ada.adelman1"
    let hash = KeyedHash(secret: "a secret of sixteen").hash(ofKey: key)
    #expect(KeyedHash(secret: "a secret of sixteen").hash(ofKey: key) == hash)
    #expect(KeyedHash(secret: "a secret of sixteem").hash(ofKey: key) != hash)
    #expect(KeyedHash.random.hash(ofKey: key) != KeyedHash.random.hash(ofKey: key))
  }

  private struct Place: Hashable {
    var name: String
    var number: Int
  }

  @Test("A keyed hash of a struct tells keys apart by all of their fields")
  func structs() {
    let hash = KeyedHash(secret: "a secret of sixteen")
    let keys = [
      Place(name: "a", number: 1), Place(name: "a", number: 2), Place(name: "b", number: 1),
    ]
    #expect(Set(keys.map { hash.hash(ofKey: $0) }).count == 3)
    #expect(hash.hash(ofKey: Place(name: "a", number: 1)) == hash.hash(ofKey: keys[0]))
  }

  @Test("A keyed hash of a text depends on its characters and not on where they lie")
  func texts() {
    let hash = KeyedHash(secret: "a secret of sixteen")
    let long = String(repeating: "long ", count: 20)
    #expect(hash.hash(ofKey: String(long.dropFirst(0).dropLast(0))) == hash.hash(ofKey: long))
    #expect(hash.hash(ofKey: String(("x" + long).dropFirst())) == hash.hash(ofKey: long))
    #expect(hash.hash(ofKey: "") != hash.hash(ofKey: "\0"))
  }
}
