import LambdaCache
import Testing

@Suite("The heap bytes of values")
struct HeapSizedTests {
  /// A string with no more capacity than it needs, which the compiler cannot make a literal.
  private func text(_ count: Int) -> String {
    String(decoding: [UInt8](repeating: UInt8(ascii: "x"), count: count), as: UTF8.self)
  }

  @Test("A string of up to 15 bytes owns nothing", arguments: 0...15)
  func smallString(count: Int) {
    #expect(text(count).heapByteCount == 0)
  }

  @Test(
    "A longer string owns a header, its code units and a zero",
    arguments: [16, 17, 31, 32, 63, 100, 1000, 70_000])
  func nativeString(count: Int) {
    let least = Allocator.allocationByteCount(forRequest: 32 + count + 1)
    #expect((least...(least + 64)).contains(text(count).heapByteCount))
  }

  @Test("A literal owns nothing, however long")
  func literal() {
    let literal = "a literal of clearly more than fifteen bytes, in the program's constants"
    #expect(literal.heapByteCount == 0)
    #expect(Substring(literal).heapByteCount == 0)
  }

  @Test("A string that was reserved owns what it reserved")
  func reservedString() {
    var string = text(20)
    string.reserveCapacity(5000)
    #expect(string.heapByteCount > 5000)
    #expect(string.heapByteCount < 5200)
  }

  @Test("A slice owns all of what it keeps alive")
  func slices() {
    let string = text(300)
    #expect(string.dropFirst(10).prefix(2).heapByteCount == string.heapByteCount)

    let numbers = Array(0..<100)
    #expect(numbers[5..<6].heapByteCount == numbers.heapByteCount)
    #expect(numbers[5..<50][7..<7].heapByteCount == numbers.heapByteCount)

    let strings = [text(40), text(50), text(60)]
    #expect(strings[1...1].heapByteCount == strings.heapByteCount)
    #expect(ArraySlice<Int>().heapByteCount == 0)
    #expect([String]()[...].heapByteCount == 0)
  }

  @Test("Empty collections own nothing")
  func emptyCollections() {
    #expect([Int]().heapByteCount == 0)
    #expect(ContiguousArray<String>().heapByteCount == 0)
    #expect([Int: String]().heapByteCount == 0)
    #expect(Set<String>().heapByteCount == 0)
  }

  @Test("An array owns its capacity, and what its elements own")
  func arrays() {
    var reserved = [Int64]()
    reserved.reserveCapacity(100)
    #expect(reserved.heapByteCount >= Allocator.allocationByteCount(forRequest: 32 + 800))

    let element = text(40)
    let array = [element, element, "short"]
    let bare = Allocator.allocationByteCount(forRequest: 32 + 3 * 16)
    #expect(array.heapByteCount == bare + 2 * element.heapByteCount)
    #expect(ContiguousArray(array).heapByteCount >= bare + 2 * element.heapByteCount)
    #expect([array, []].heapByteCount > 2 * bare)
  }

  @Test("A dictionary owns its buckets, its keys and its values")
  func dictionaries() {
    let key = text(40)
    let value = text(400)
    let plain = [1: 1, 2: 2, 3: 3]
    #expect(plain.heapByteCount == Allocator.allocationByteCount(forRequest: 64 + 8 + 4 * 16))
    let bare = Allocator.allocationByteCount(forRequest: 64 + 8 + 2 * 32)
    #expect([key: value].heapByteCount == bare + key.heapByteCount + value.heapByteCount)
    #expect([1: value].heapByteCount >= value.heapByteCount + 100)
    #expect([key: 1].heapByteCount >= key.heapByteCount + 100)
    let set: Set = [key]
    #expect(
      set.heapByteCount
        == Allocator.allocationByteCount(forRequest: 56 + 8 + 2 * 16) + key.heapByteCount)
  }

  @Test("Wrappers own what they wrap")
  func wrappers() {
    struct Failure: Error, HeapSized {
      var reason: String
      var heapByteCount: Int { reason.heapByteCount }
    }
    let string = text(100)
    let size = string.heapByteCount
    #expect(Optional(string).heapByteCount == size)
    #expect(String?.none.heapByteCount == 0)
    #expect(String??.some(.some(string)).heapByteCount == size)
    #expect(Result<String, Never>.success(string).heapByteCount == size)
    #expect(Result<Int, Failure>.failure(Failure(reason: string)).heapByteCount == size)
    #expect(CollectionOfOne(string).heapByteCount == size)
    #expect(EmptyCollection<String>().heapByteCount == 0)
    #expect(("a"..<string).heapByteCount == size)
    #expect(("a"...string).heapByteCount == size)
    #expect((string...).heapByteCount == size)
    #expect((..<string).heapByteCount == size)
    #expect((...string).heapByteCount == size)
  }

  @Test("A character owns memory only if it is longer than 15 bytes")
  func characters() {
    #expect(Character("x").heapByteCount == 0)
    let family = String(repeating: "👨\u{200D}👩\u{200D}👧\u{200D}👦", count: text(2).count)
    #expect(family.first!.heapByteCount > 0)
  }

  @Test("A fixed array owns what its elements own")
  @available(macOS 26, *)
  func inlineArrays() {
    let string = text(100)
    let array: InlineArray<3, String> = ["a", string, string]
    #expect(array.heapByteCount == 2 * string.heapByteCount)
    let numbers: InlineArray<2, Int> = [1, 2]
    #expect(numbers.heapByteCount == 0)
  }

  @Test("Types of the caller need no code if they are trivial or wrap a raw value")
  func callersTypes() {
    struct Point: BitwiseCopyable, HeapSized {
      var x: Double
      var y: Double
    }
    enum Level: Int, HeapSized { case low, high }
    enum Role: String, HeapSized { case administratorOfEverything }
    struct UserName: RawRepresentable, HeapSized {
      var rawValue: String
    }
    struct Rights: OptionSet, HeapSized {
      let rawValue: UInt8
    }
    #expect(Point(x: 1, y: 2).heapByteCount == 0)
    #expect(Level.high.heapByteCount == 0)
    #expect(Role.administratorOfEverything.heapByteCount == 0)
    #expect(Rights(rawValue: 3).heapByteCount == 0)
    let name = text(40)
    #expect(UserName(rawValue: name).heapByteCount == name.heapByteCount)
  }

  @Test("Whether a type is heap free passes through generic types")
  func heapFree() {
    #expect(Int.isHeapFree && Double.isHeapFree && Bool.isHeapFree && Never.isHeapFree)
    #expect(Duration.isHeapFree && SIMD4<Float>.isHeapFree && ObjectIdentifier.isHeapFree)
    #expect(Int??.isHeapFree && Range<Int>.isHeapFree && Result<Int, Never>.isHeapFree)
    #expect(!String.isHeapFree && !String?.isHeapFree && ![Int].isHeapFree)
    #expect(!Range<String>.isHeapFree && !Result<String, Never>.isHeapFree)
    #expect(!Set<Int>.isHeapFree && ![Int: Int].isHeapFree && !Substring.isHeapFree)
  }

  @Test("The size of an array asks its elements unless their type is heap free, even if trivial")
  func trivialElementsWithAnAnswer() {
    struct Handle: BitwiseCopyable, HeapSized, Hashable {
      var heapByteCount: Int { 1000 }
    }
    #expect([Handle(), Handle()].heapByteCount > 2000)
    #expect([Handle(), Handle()][1...].heapByteCount > 2000)
    #expect([1: Handle()].heapByteCount > 1000)
    #expect(Set([Handle()]).heapByteCount > 1000)
  }
}
