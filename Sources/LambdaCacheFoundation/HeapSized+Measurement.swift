// `Measurement` is not part of FoundationEssentials: on Linux it needs the whole of Foundation,
// which costs a process about nine megabytes, so that packages have to enable a trait for it.
#if FullFoundation || !canImport(FoundationEssentials)
  public import Foundation
  public import LambdaCache

  // A unit such as `UnitLength.meters` is a new object, with a new converter, each time it is asked
  // for. So most measurements have a unit of their own; one that several parts of a value share
  // is counted once, as every object is.

  extension Measurement: HeapSized {
    /// The bytes of the unit; the value is a number.
    ///
    /// - Complexity: O(1).
    public var heapByteCount: Int { unit.heapByteCount }
  }

  extension Unit: HeapSized {
    #if canImport(ObjectiveC)
      /// The bytes of the unit, of its symbol and, for a dimension, of its converter.
      ///
      /// Inline properties of a subclass are counted.
      ///
      /// - Complexity: O(1).
      public var heapByteCount: Int {
        let own =
          Allocator.allocationByteCount(forRequest: class_getInstanceSize(Swift.type(of: self)))
          + symbol.heapByteCount
        guard let dimension = self as? Dimension else { return own }
        return own + dimension.converter.heapByteCount
      }
    #endif
  }

  extension UnitConverter: HeapSized {
    #if canImport(ObjectiveC)
      /// The bytes of the converter.
      ///
      /// Inline properties of a subclass are counted.
      ///
      /// - Complexity: O(1).
      public var heapByteCount: Int {
        Allocator.allocationByteCount(forRequest: class_getInstanceSize(Swift.type(of: self)))
      }
    #endif
  }
#endif
