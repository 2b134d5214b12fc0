import LambdaCache
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Types that were measured before they were met as a part, at another place than the beginning.
@Suite("A part of another type")
struct PartOfAnotherTests {
  private struct Table: HeapSized {
    var table: [Int: Int]
  }

  private struct Slice: HeapSized {
    var slice: ArraySlice<Int>
  }

  private struct Whole<Part: HeapSized>: HeapSized {
    var number = 0
    var part: Part
  }

  @Test("A part of another type is found where it is, although it was measured before")
  func moved() {
    let table = Table(table: [1: 2])
    let slice = Slice(slice: [1, 2, 3][1...])
    #expect(table.heapByteCount > 0 && slice.heapByteCount > 0)
    #expect(Whole(part: table).heapByteCount == table.heapByteCount)
    #expect(Whole(part: slice).heapByteCount == slice.heapByteCount)
  }

  @Test("A fixed array in another type is found where it is, although it was measured before")
  @available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *)
  func movedFixedArray() {
    struct Fixed: HeapSized {
      var names: InlineArray<2, String>
    }
    let text = String(repeating: "x", count: 50)
    let fixed = Fixed(names: [text, text])
    #expect(fixed.heapByteCount == 2 * text.heapByteCount)
    #expect(Whole(part: fixed).heapByteCount == fixed.heapByteCount)
  }

  @Test("A part that cannot be moved bit by bit is in a box, however small it is")
  func watching() {
    struct Watching {
      weak var node: Node?
      var name: String
    }
    struct Holder: HeapSized {
      var content: Any
    }
    let name = String(repeating: "x", count: 50)
    let box = Allocator.allocationByteCount(forRequest: 16 + MemoryLayout<Watching>.size)
    let holder = Holder(content: Watching(node: nil, name: name))
    #expect(holder.heapByteCount == box + name.heapByteCount)
  }

  @Test("A part whose answer is asked for twice in one measurement owns its objects once")
  func sharedValues() {
    struct Nodes: HeapSized {
      var table: [Int: Node]
    }
    struct Twice: HeapSized {
      var first: Nodes
      var second: Nodes
      var heapByteCount: Int { first.heapByteCount + second.heapByteCount }
    }
    struct Holder: HeapSized {
      var twice: Twice
    }
    let nodes = Nodes(table: [1: Node()])
    let twice = Twice(first: nodes, second: nodes)
    #expect(Holder(twice: twice).heapByteCount == nodes.heapByteCount)
  }

  @Test("A part whose answer is asked for by what it holds ends the circle")
  func circle() {
    let circle = Circle()
    circle.back.circle = circle
    struct Holder: HeapSized {
      var circle: Circle
    }
    let size = Allocator.allocationByteCount(forRequest: 16 + MemoryLayout<Back>.size)
    #expect(Holder(circle: circle).heapByteCount == size)
    circle.back.circle = nil
  }

  @Test("A part that is referred to weakly has a side table, also if it answers itself")
  func sideTable() {
    struct Holder: HeapSized {
      var answering: Answering
    }
    let holder = Holder(answering: Answering())
    #expect(holder.heapByteCount == 777)
    weak let reference = holder.answering
    #expect(holder.heapByteCount > 777)
    #expect(reference != nil)
  }

  @Test("A part whose size is unknown is so at every measurement")
  func unknown() {
    struct Unknown: HeapSized {
      var action: () -> Void = {}
    }
    struct Holder: HeapSized {
      var items = [Unknown()]
    }
    for _ in 0..<3 {
      #expect(throws: HeapSizeError.self) { try Holder().checkedHeapByteCount() }
    }
  }

  #if canImport(Glibc)
    @Test("A part that reflection does not see is an unknown size, also as the last one")
    func hidden() {
      struct Holder: HeapSized {
        var lock = pthread_mutex_t()
      }
      do throws(HeapSizeError) {
        Issue.record("measured \(try Holder().checkedHeapByteCount()) bytes")
      } catch {
        #expect(error.path == "Holder.lock" && error.reason == .hiddenLayout)
      }
    }
  #endif

  @Test("A part of another type is named by the error, and so is the type to change")
  func advice() {
    struct Profile: HeapSized {
      var session: () -> Void = {}
    }
    do throws(HeapSizeError) {
      Issue.record("measured \(try Profile().checkedHeapByteCount()) bytes")
    } catch {
      #expect(
        error.description
          == "the heap memory of Profile.session of type \(error.typeName) cannot be known: what a "
          + "closure captures is not visible; give Profile a heapByteCount of its own, or pass the "
          + "size with the value")
    }
  }

  @Test("A part that is a value owns nothing if it is measured by itself")
  func scalars() {
    let values: [any HeapSized] = [
      true, 1, Int8(1), Int16(1), Int32(1), Int64(1), Int128(1), UInt(1), UInt8(1), UInt16(1),
      UInt32(1), UInt64(1), UInt128(1), Float(1), 1.0, Unicode.Scalar(65), StaticString("a"),
      ObjectIdentifier(Node.self), Duration.seconds(1), ContinuousClock.now, SuspendingClock.now,
      SIMD2<Int>(), SIMD3<Int>(), SIMD4<Int>(), SIMD8<Int>(), SIMD16<Int>(), SIMD32<Int>(),
      SIMD64<Int>(),
    ]
    for value in values {
      #expect(value.heapByteCount == 0 && type(of: value).isHeapFree, "\(type(of: value))")
    }
  }

  @Test("A part may hide another type if it is a reference, an existential or an optional")
  func hiding() {
    #expect(mayHideAnotherType(Node.self) && mayHideAnotherType(Any.self))
    #expect(mayHideAnotherType(Int?.self))
    #expect(!mayHideAnotherType(Int.self) && !mayHideAnotherType(HeapSizeError.Reason.self))
  }
}

private final class Node: HeapSized {}

private final class Circle: HeapSized {
  var back = Back()
}

private struct Back: HeapSized {
  var circle: Circle?
  var heapByteCount: Int { circle?.heapByteCount ?? 0 }
}

private final class Answering: HeapSized {
  var heapByteCount: Int { 777 }
}
