import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LambdaCache

@Suite("Values whose size cannot be known", .prompt)
struct UnknownSizeTests {
  @Test("Each unknown size is an error that names type, property and reason")
  func reasons() {
    expectFailure(WithClosure(), "WithClosure.action", .closure)
    expectFailure(WithOptionalClosure(), "WithOptionalClosure.action", .closure)
    expectFailure(WithPointer(), "WithPointer.bytes", .unsafePointer)
    expectFailure(WithBuffer(), "WithBuffer.bytes._position", .unsafePointer)
    expectFailure(WithUnmanaged(), "WithUnmanaged.object", .unsafePointer)
    expectFailure(WithClass(), "WithClass.object", .unmarkedClass)
    expectFailure(WithClasses(), "WithClasses.objects", .unmarkedClass)
    expectFailure(WithAny(content: Unmarked()), "WithAny.content", .unmarkedClass)
    expectFailure(WithAny(content: { 1 } as () -> Int), "WithAny.content", .closure)
    expectFailure(WithObject(), "WithObject.object", .unmarkedClass)
    expectFailure(WithList(), "WithList.list", .unmarkedClass)
    expectFailure(WithTable(), "WithTable.table.note", .unmarkedClass)
    expectFailure([[WithAny(content: [Unmarked()])]], "WithAny.content", .unmarkedClass)
    expectFailure(WithAny(content: Deep.Inner()), "WithAny.content.parts.left", .closure)
    expectFailure(WithPayload.action({}), "WithPayload.action", .closure)
    expectFailure(WithConstraint(), "WithConstraint.actions", .closure)
    expectFailure(WithNest(), "WithNest.nest.action", .closure)
    expectFailure(WithActor(), "WithActor.actor", .unmarkedClass)
    expectFailure(LockedState(), "LockedState", .hiddenLayout)
    expectFailure(Counter(), "Counter", .hiddenLayout)
    expectFailure(Buffer.make(), "Buffer", .tailAllocation)
    expectFailure(Deep(), "Deep.inner.parts.left", .closure)
  }

  @Test("An enum cannot be measured if one of its cases cannot, whichever it is")
  func unknownCase() {
    expectFailure(WithPayload.number(1), "WithPayload.action", .closure)
  }

  @Test("A part whose size is unknown is found again at every measurement")
  func repeatedFailure() {
    for _ in 0..<3 { expectFailure(WithClosure(), "WithClosure.action", .closure) }
    expectFailure([WithClosure()], "WithClosure.action", .closure)
    expectFailure(["x": [WithClosure()]], "WithClosure.action", .closure)
  }

  @Test("Sizes that can be known are answered without an error")
  func known() throws {
    struct Known: HeapSized {
      var name: String
      var any: Any
    }
    let name = String(repeating: "x", count: 50)
    let value = Known(name: name, any: [1])
    #expect(try value.checkedHeapByteCount() == value.heapByteCount)
    #expect(try name.checkedHeapByteCount() == name.heapByteCount)
    #expect(try WithAny(content: 1).checkedHeapByteCount() == 0)
  }

  @Test("A value with a part of unknown size is larger than any memory, and the part is kept")
  func unknown() {
    for value in [[WithClosure()], [WithClosure(), WithClosure()]] {
      HeapWalk.lastFailure = nil
      #expect(HeapSizeError.stands(for: value.heapByteCount))
      #expect(HeapWalk.lastFailure?.path == "WithClosure.action")
    }
    #expect(WithAny(content: 1).heapByteCount == 0)
    #expect(HeapSizeError.stands(for: WithAny(content: Unmarked()).heapByteCount))
    #expect(HeapWalk.lastFailure?.path == "WithAny.content")
    #expect(!HeapSizeError.stands(for: 1 << 40))
  }

  @Test("Sizes that contain unknown ones are unknown, and their sum does not overflow")
  func sums() {
    struct Sum: HeapSized {
      var parts: [WithAny]
      var heapByteCount: Int { parts.reduce(100) { $0 + $1.heapByteCount } }
    }
    let part = WithAny(content: Unmarked())
    #expect(HeapSizeError.stands(for: Sum(parts: [part]).heapByteCount))
    let many = Sum(parts: Array(repeating: part, count: 500_000))
    #expect(HeapSizeError.stands(for: many.heapByteCount))
    #expect(HeapSizeError.stands(for: [many].heapByteCount))
    #expect(throws: HeapSizeError.self) { try [many].checkedHeapByteCount() }
    #expect(!HeapSizeError.stands(for: Sum(parts: []).heapByteCount))
  }

  @Test("The reason of an unknown size is that of the thread that has measured")
  func threads() async {
    HeapWalk.lastFailure = nil
    _ = WithClosure().heapByteCount
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        #expect(HeapWalk.lastFailure == nil)
        _ = WithAny(content: Unmarked()).heapByteCount
        #expect(HeapWalk.lastFailure?.path == "WithAny.content")
        continuation.resume()
      }
    }
  }

  @Test("An error names the ways out, for an object first to have its class conform")
  func waysOut() throws {
    let object = try #require(throws: HeapSizeError.self) { try WithClass().checkedHeapByteCount() }
    #expect(
      object.description
        == """
        the heap memory of WithClass.object of type Unmarked cannot be known: the class does \
        not conform to HeapSized; write `extension Unmarked: HeapSized {}` if the object \
        belongs to the value, give WithClass a heapByteCount of its own, or pass the size with \
        the value
        """)
    let closure = try #require(throws: HeapSizeError.self) {
      try WithClosure().checkedHeapByteCount()
    }
    #expect(
      closure.description
        == """
        the heap memory of WithClosure.action of type () -> () cannot be known: what a \
        closure captures is not visible; give WithClosure a heapByteCount of its own, or pass \
        the size with the value
        """)
  }

  private func expectFailure(
    _ value: some HeapSized, _ path: String, _ reason: HeapSizeError.Reason,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do throws(HeapSizeError) {
      let size = try value.checkedHeapByteCount()
      Issue.record("measured \(size) bytes", sourceLocation: sourceLocation)
    } catch {
      #expect(error.path == path, sourceLocation: sourceLocation)
      #expect(error.reason == reason, sourceLocation: sourceLocation)
      #expect(error.description.contains(error.typeName), sourceLocation: sourceLocation)
    }
  }
}

private struct WithClosure: HeapSized {
  var action: () -> Void = {}
}

private struct WithOptionalClosure: HeapSized {
  var action: (@Sendable (Int) async -> Void)?
}

private struct WithPointer: HeapSized {
  var bytes = UnsafeMutablePointer<UInt8>(bitPattern: 64)
}

private struct WithBuffer: HeapSized {
  var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
}

private struct WithUnmanaged: HeapSized {
  var object: Unmanaged<Unmarked>?
}

private final class Unmarked {
  var name = ""
}

private struct WithClass: HeapSized {
  var object = Unmarked()
}

private struct WithClasses: HeapSized {
  var objects: [String: Unmarked] = [:]
}

private struct WithObject: HeapSized {
  var object: AnyObject = Unmarked()
}

private struct WithList: HeapSized {
  var list: [[Any]] = [[1], [Unmarked()]]
}

private struct WithTable: HeapSized {
  struct Entry {
    var note: Any
  }
  var table = ["x": Entry(note: Unmarked())]
}

private struct WithAny: HeapSized {
  var content: Any
}

private enum WithPayload: HeapSized {
  case number(Int)
  case action(() -> Void)
}

private struct WithConstraint: HeapSized {
  var actions: any Sequence<() -> Void> = [{}]
}

private indirect enum Nest<Content> {
  case action(() -> Void)
  case content(Content)
  case inner(Nest<[Content]>)
}

private struct WithNest: HeapSized {
  var nest = Nest.content(1)
}

private actor Counting {
  var count = 0
}

private struct WithActor: HeapSized {
  var actor = Counting()
}

private final class LockedState: HeapSized, Sendable {
  let name = "x"
  let state = Mutex(["x"])
}

private final class Counter: HeapSized, Sendable {
  let count = Atomic(0)
  let name = "x"
}

private final class Buffer: ManagedBuffer<Int, String>, HeapSized {
  static func make() -> Buffer {
    unsafeDowncast(create(minimumCapacity: 10) { _ in 1 }, to: Buffer.self)
  }
}

private struct Deep: HeapSized {
  struct Inner {
    var name = ""
    var parts: (left: () -> Void, right: Int) = ({}, 1)
  }
  var inner = Inner()
}
