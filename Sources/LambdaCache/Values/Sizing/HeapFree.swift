/// A type whose values never own heap memory, so that none has to be measured.
///
/// Numbers, instants and vectors of the standard library conform. Declare it of a type of your own
/// that consists of nothing but such values:
///
/// ```swift
/// struct Coordinate: HeapFree {
///   var latitude: Double
///   var longitude: Double
/// }
/// ```
///
/// A cache never calls anything for a key and a value that are both heap-free.
public protocol HeapFree: HeapSized {}

extension HeapFree {
  /// Zero.
  @inlinable
  public var heapByteCount: Int { 0 }

  /// `true`: the inline bytes are all there is.
  @inlinable
  public static var isHeapFree: Bool { true }
}

extension Bool: HeapFree {}

extension Int: HeapFree {}
extension Int8: HeapFree {}
extension Int16: HeapFree {}
extension Int32: HeapFree {}
extension Int64: HeapFree {}
extension Int128: HeapFree {}
extension UInt: HeapFree {}
extension UInt8: HeapFree {}
extension UInt16: HeapFree {}
extension UInt32: HeapFree {}
extension UInt64: HeapFree {}
extension UInt128: HeapFree {}

extension Float: HeapFree {}
extension Double: HeapFree {}

#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  extension Float16: HeapFree {}
#endif

#if (arch(i386) || arch(x86_64)) && !os(Windows) && !os(Android)
  extension Float80: HeapFree {}
#endif

extension Unicode.Scalar: HeapFree {}
extension StaticString: HeapFree {}
extension ObjectIdentifier: HeapFree {}
extension Never: HeapFree {}

extension Duration: HeapFree {}
extension ContinuousClock.Instant: HeapFree {}
extension SuspendingClock.Instant: HeapFree {}

extension SIMD2: HeapFree {}
extension SIMD3: HeapFree {}
extension SIMD4: HeapFree {}
extension SIMD8: HeapFree {}
extension SIMD16: HeapFree {}
extension SIMD32: HeapFree {}
extension SIMD64: HeapFree {}
