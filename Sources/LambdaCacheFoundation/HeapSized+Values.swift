public import LambdaCache

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A date is a number.
extension Date: HeapFree {}

/// An identifier is 16 bytes.
extension UUID: HeapFree {}

/// The digits of a decimal are stored inline.
extension Decimal: HeapFree {}

/// Foundation makes one object for each identifier and keeps it for good, whatever values refer to
/// it.
extension Locale: HeapFree {}
