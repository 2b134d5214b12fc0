// `Measurement` is not part of FoundationEssentials: on Linux it needs the whole of Foundation, which
// costs a process about nine megabytes. There it is for packages that ask for the trait.
#if FullFoundation || !canImport(FoundationEssentials)
  public import Foundation
  public import LambdaCache

  extension Measurement: HeapSized {
    /// The bytes of the unit and of its converter; the value is a number.
    ///
    /// Every use of a unit such as `UnitLength.meters` may make a unit of its own, so it is counted
    /// for each measurement, by the sizes of Foundation's classes.
    ///
    /// - Complexity: O(1).
    public var heapByteCount: Int {
      let unitByteCount =
        Allocator.allocationByteCount(
          forRequest: unitInstanceByteCount) + unit.symbol.heapByteCount
      guard unit is Dimension else { return unitByteCount }
      return unitByteCount + Allocator.allocationByteCount(forRequest: 32)
    }

    /// Object header, symbol, and for a dimension its converter.
    private var unitInstanceByteCount: Int { unit is Dimension ? 40 : 32 }
  }
#endif
