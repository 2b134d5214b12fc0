import LambdaCache
import Testing

@Suite("The default size, found by reflection")
struct ReflectedSizeTests {
  @Test("A type whose stored properties are trivial owns nothing")
  func trivialTypes() {
    struct Point: HeapSized {
      var x = 1.0
      var y = 2.0
      var z: Int8? = 3
      var origin: (Int, Bool) = (1, true)
      var kind: Any.Type = Int.self
      let compare: @convention(c) (Int) -> Int = { $0 }
    }
    enum Level: Int, HeapSized { case low, high }
    enum Role: String, HeapSized { case administratorOfEverything }
    enum Shape: HeapSized {
      case circle(radius: Double)
      case square(Int)
      case nothing
    }
    struct Rights: OptionSet, HeapSized {
      let rawValue: UInt8
    }
    #expect(Point().heapByteCount == 0)
    #expect(Level.high.heapByteCount == 0)
    #expect(Role.administratorOfEverything.heapByteCount == 0)
    #expect(Shape.circle(radius: 1).heapByteCount == 0)
    #expect(Shape.nothing.heapByteCount == 0)
    #expect(Rights(rawValue: 3).heapByteCount == 0)
    #expect([Point(), Point()].heapByteCount == array(of: 2, stride: MemoryLayout<Point>.stride))
  }

  @Test("A struct owns what its stored properties own, as if they were added by hand")
  func structs() {
    let value = Profile.sample
    let byHand =
      value.name.heapByteCount + value.nickname!.heapByteCount + value.tags.heapByteCount
      + value.scores.heapByteCount + value.address!.street.heapByteCount
      + value.address!.lines.heapByteCount + value.pair.1.heapByteCount
      + value.settings.heapByteCount + value.groups.heapByteCount
    #expect(value.heapByteCount == byHand)
    #expect(byHand > 0)

    var empty = value
    empty.nickname = nil
    empty.address = nil
    empty.tags = []
    empty.settings = [:]
    empty.groups = []
    empty.scores = []
    empty.pair = (1, "")
    empty.name = ""
    #expect(empty.heapByteCount == 0)
  }

  @Test("Generic types own what their arguments own, nested to any depth")
  func genericTypes() {
    let string = text(40)
    let size = string.heapByteCount
    #expect(Box(content: string).heapByteCount == size)
    #expect(Box(content: 5).heapByteCount == 0)
    #expect(Box(content: Box(content: Optional(string))).heapByteCount == size)
    #expect(Box<String?>(content: nil).heapByteCount == 0)
    let nested = [[Box(content: [string])]]
    let inner = [Box(content: [string])]
    #expect(
      nested.heapByteCount == array(of: 1, stride: 8) + array(of: 1, stride: 8)
        + array(of: 1, stride: 16) + size)
    #expect(inner.heapByteCount == nested.heapByteCount - array(of: 1, stride: 8))
    #expect(Box(content: (1, Result<String, Never>.success(string))).heapByteCount == size)
  }

  @Test("An enum owns what the payload of its case owns")
  func enums() {
    let string = text(100)
    let size = string.heapByteCount
    #expect(Payload.none.heapByteCount == 0)
    #expect(Payload.number(7).heapByteCount == 0)
    #expect(Payload.text(string).heapByteCount == size)
    #expect(Payload.both(string, number: 3).heapByteCount == size)
    #expect(Payload.list([string]).heapByteCount == size + array(of: 1, stride: 16))
    #expect(Payload.optional(nil).heapByteCount == 0)
    #expect(Payload.optional(string).heapByteCount == size)
    #expect(Payload.nested(.success(string)).heapByteCount == size)
    #expect(Payload.nested(.failure(.missing)).heapByteCount == 0)
    #expect(Payload.nested(.failure(.named(string))).heapByteCount == size)
    #expect([Payload.text(string), .none, .text(string)].heapByteCount > 2 * size)
    #expect(Box<Payload?>(content: .some(.text(string))).heapByteCount == size)
    #expect(Box<Payload??>(content: .some(nil)).heapByteCount == 0)
  }

  @Test("An indirect case owns its box")
  func indirectEnums() {
    let string = text(100)
    let leaf = Tree.leaf(string)
    // Both boxes have 16 bytes of header and 16 of contents.
    let box = Allocator.allocationByteCount(forRequest: 32)
    #expect(Tree.empty.heapByteCount == 0)
    #expect(leaf.heapByteCount == box + string.heapByteCount)
    #expect(Tree.node(leaf, .empty).heapByteCount == 2 * box + string.heapByteCount)
    let left = Tree.node(.leaf(text(100)), .empty)
    #expect(
      Tree.node(left, .leaf(text(20))).heapByteCount
        == 4 * box + text(100).heapByteCount + text(20).heapByteCount)
    // Both sides are the same box.
    #expect(Tree.node(left, left).heapByteCount == box + left.heapByteCount)
  }

  @Test("An existential owns its value, and its box if the value is larger than three words")
  func existentials() {
    let string = text(100)
    let size = string.heapByteCount
    #expect(Holder(content: string).heapByteCount == size)
    #expect(Holder(content: 1).heapByteCount == 0)
    #expect(Holder(content: [string]).heapByteCount == size + array(of: 1, stride: 16))
    #expect(Holder(content: Int?.none as Any).heapByteCount == 0)
    let box = Allocator.allocationByteCount(forRequest: 16 + 32)
    #expect(Holder(content: (string, 1, 2)).heapByteCount == size + box)
    #expect(Holder(content: (1, 2, 3, 4)).heapByteCount == box)
    struct Described: HeapSized {
      var text: (any CustomStringConvertible)?
      var numbers: any Sequence & Sendable = Array(1...2)
    }
    let numbers = Array(1...2).heapByteCount
    #expect(Described(text: string).heapByteCount == size + numbers)
    #expect(Described(text: nil).heapByteCount == numbers)
    struct Document: HeapSized {
      var fields: [String: Any]
    }
    let fields: [String: Any] = ["name": string, "list": [1, "x", string] as [Any], "n": 5]
    let table = Allocator.allocationByteCount(
      forRequest: 64 + 8 + 4 * (16 + MemoryLayout<Any>.stride))
    #expect(
      Document(fields: fields).heapByteCount
        == table + 2 * size + array(of: 3, stride: MemoryLayout<Any>.stride))
  }

  @Test("An existential with constraints owns what one without them owns")
  func constrainedExistentials() {
    struct Constrained: HeapSized {
      var numbers: any Sequence<Int>
      var texts: (any Collection<String> & Sendable)?
      var source: (any Source<String>)?
      var type: any Sequence<Int>.Type = [Int].self
    }
    let string = text(100)
    let numbers = Array(1...2)
    let plain = Constrained(numbers: numbers)
    #expect(plain.heapByteCount == numbers.heapByteCount)
    #expect(Constrained(numbers: 1...2).heapByteCount == 0)
    #expect(
      Constrained(numbers: numbers, texts: [string]).heapByteCount
        == numbers.heapByteCount + [string].heapByteCount)
    // Larger than three words: a box.
    let box = Allocator.allocationByteCount(forRequest: 16 + 32)
    let slice = [string][...]
    #expect(
      Constrained(numbers: 1...2, texts: slice).heapByteCount == box + slice.heapByteCount)
    let object = Allocator.allocationByteCount(forRequest: 16 + 16)
    #expect(
      Constrained(numbers: 1...2, source: TextSource(string)).heapByteCount
        == object + string.heapByteCount)
  }

  @Test("An error owns its object and what is in it")
  func errors() {
    struct Failed: HeapSized {
      var error: (any Error)?
      var outcome: Result<Int, any Error> = .success(1)
    }
    let string = text(60)
    #expect(Failed(error: nil).heapByteCount == 0)
    let object = Allocator.allocationByteCount(forRequest: 32 + MemoryLayout<Fault>.size)
    #if !canImport(ObjectiveC)
      #expect(Failed(error: Fault.named(string)).heapByteCount == object + string.heapByteCount)
      #expect(
        Failed(error: nil, outcome: .failure(Fault.named(string))).heapByteCount
          == object + string.heapByteCount)
      let shared: any Error = Fault.named(string)
      #expect(
        Failed(error: shared, outcome: .failure(shared)).heapByteCount
          == object + string.heapByteCount)
    #endif
  }

  @Test("A type's own answer is asked for wherever it is stored")
  func ownAnswers() {
    struct Handle: BitwiseCopyable, HeapSized, Hashable {
      var heapByteCount: Int { 1000 }
    }
    struct Owner: HeapSized {
      var handle = Handle()
      var others: [Handle]
      var byName: [String: Handle] = [:]
      var optional: Handle? = Handle()
      var pointed = Pointed()
    }
    struct Pointed: HeapSized {
      var pointer: UnsafeMutablePointer<Int>?
      var heapByteCount: Int { 500 }
    }
    #expect(Owner(others: []).heapByteCount == 2500)
    #expect(
      Owner(others: [Handle(), Handle()]).heapByteCount
        == 4500 + Allocator.allocationByteCount(forRequest: 32 + 2 * MemoryLayout<Handle>.stride))
    #expect([Handle(), Handle()][1...].heapByteCount > 2000)
    #expect([1: Handle()].heapByteCount > 1000)
    #expect(Set([Handle()]).heapByteCount > 1000)
    #expect(Box<Any>(content: Handle()).heapByteCount == 1000)
  }

  @Test("Wrappers and slices of the standard library are looked into")
  func standardLibrary() {
    struct Everything: HeapSized {
      var part: Substring
      var slice: ArraySlice<String>
      var contiguous: ContiguousArray<String>
      var letter: Character = "x"
      var range: Range<String>
      var closed: ClosedRange<Int> = 1...2
      var from: PartialRangeFrom<String>
      var index: String.Index
      var duration: Duration = .seconds(1)
      var set: Set<String>
      var any: AnyHashable
      var vector: SIMD4<Float> = .zero
      var nothing: Void = ()
    }
    let string = text(100)
    let size = string.heapByteCount
    let value = Everything(
      part: string.dropFirst(), slice: [string, "x"][..<1], contiguous: [string],
      range: "a"..<string, from: string..., index: string.startIndex, set: [string],
      any: AnyHashable(string))
    let byHand =
      value.part.heapByteCount + value.slice.heapByteCount + value.contiguous.heapByteCount
      + value.range.heapByteCount + value.from.heapByteCount + value.set.heapByteCount + size
    #expect(value.heapByteCount == byHand)
    #expect(value.slice.heapByteCount == [string, "x"].heapByteCount)
  }

  @Test("A fixed array owns what its elements own")
  @available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *)
  func fixedArrays() {
    struct Fixed: HeapSized {
      var names: InlineArray<3, String>
      var numbers: InlineArray<4, Int> = [1, 2, 3, 4]
      var boxes: InlineArray<2, Box<String?>>
    }
    let string = text(100)
    let value = Fixed(
      names: [string, "x", string], boxes: [Box(content: .some(string)), Box(content: nil)])
    #expect(value.heapByteCount == 3 * string.heapByteCount)
  }

  @Test(
    "Hash tables of every size are visited completely", arguments: [1, 3, 7, 30, 64, 100, 1000])
  func hashTables(count: Int) {
    let keys = (0..<count).map { "\($0)-" + text(30) }
    let byName = Dictionary(uniqueKeysWithValues: keys.map { ($0, [text(20)]) })
    let members = keys.reduce(0) { $0 + $1.heapByteCount }
    let values = byName.values.reduce(0) { $0 + $1.heapByteCount }
    let bare = Dictionary(uniqueKeysWithValues: (0..<byName.capacity).map { ($0, $0) })
    #expect(byName.capacity == bare.capacity)
    #expect(byName.heapByteCount > members + values)
    #expect(
      byName.heapByteCount - members - values
        == byName.mapValues { _ in 0 }.heapByteCount - members)
    #expect(Set(keys).heapByteCount - members < count * 64 + 200)
    #expect(Set(keys).heapByteCount - members >= count * 16)
  }

  @Test("Storage that a value keeps at several places is counted once")
  func sharedStorage() {
    let names = [text(20), text(30)]
    let table = [text(40): names]
    #expect(Box(content: (names, names)).heapByteCount == names.heapByteCount)
    #expect(Box(content: (table, names, names[1...])).heapByteCount == table.heapByteCount)
    #expect([names, names].heapByteCount == names.heapByteCount + array(of: 2, stride: 8))
  }

  @Test("An empty array owns nothing, and neither does one that is a constant")
  func constants() {
    #expect(Box(content: [Int]()).heapByteCount == 0)
    let constant = [1, 2, 3]
    #expect(Box(content: constant).heapByteCount == constant.heapByteCount)
  }

  @Test("Many threads that measure a type for the first time agree")
  func concurrentPlanning() async {
    let string = text(100)
    let sizes = await withTaskGroup(of: [Int].self) { group in
      for index in 0..<8 {
        group.addTask {
          [
            Box(content: FirstMet(name: string, next: [FirstMet(name: string, next: [])]))
              .heapByteCount,
            FirstMet(name: string, next: []).heapByteCount,
            Box(content: (index, string)).heapByteCount,
          ]
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let one = string.heapByteCount
    #expect(Set(sizes) == [[2 * one + array(of: 1, stride: 24), one, one]])
  }
}

private protocol Source<Content>: AnyObject {
  associatedtype Content
}

private final class TextSource: Source, HeapSized {
  typealias Content = String
  let content: String

  init(_ content: String) { self.content = content }
}

private struct FirstMet: HeapSized {
  var name: String
  var next: [FirstMet]
}

private struct Profile: HeapSized {
  var name: String
  var nickname: String?
  var age = 30
  var tags: [String]
  var scores: [Double]
  var address: Address?
  var pair: (Int, String)
  var settings: [String: [String]]
  var groups: Set<String>
  var active = true

  static var sample: Profile {
    Profile(
      name: text(30), nickname: text(20), tags: [text(20), "x"], scores: [1, 2, 3],
      address: Address(street: text(33), lines: [text(50)]), pair: (1, text(77)),
      settings: [text(40): ["a", text(25)], "b": []], groups: ["x", text(28)])
  }
}

/// Does not conform: what a value consists of is looked into all the same.
private struct Address {
  var street: String
  var number: Int16 = 5
  var lines: [String]
}

private struct Box<Content>: HeapSized {
  var content: Content
}

private struct Holder: HeapSized {
  var content: Any
}

private enum Fault: Error, HeapSized {
  case missing
  case named(String)
}

private enum Payload: HeapSized {
  case none
  case number(Int)
  case text(String)
  case both(String, number: Int8)
  case list([String])
  case optional(String?)
  case nested(Result<String, Fault>)
}

private indirect enum Tree: HeapSized {
  case empty
  case leaf(String)
  case node(Tree, Tree)
}

/// A string with no more capacity than it needs, which the compiler cannot make a literal.
private func text(_ count: Int) -> String {
  String(decoding: [UInt8](repeating: UInt8(ascii: "x"), count: count), as: UTF8.self)
}

/// The bytes of the storage of an array that has just enough room.
private func array(of count: Int, stride: Int) -> Int {
  Allocator.allocationByteCount(forRequest: 32 + count * stride)
}
