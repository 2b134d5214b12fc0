/// A look-up as a ``RequestLog`` keeps it until it is written.
struct LookUpRecord: Equatable {
  /// Milliseconds since 1970.
  var time: Int64
  /// The keyed hash of the key.
  var key: UInt64
  /// Bytes that the key and its value own on the heap; negative while that is not known.
  var byteCount = -1
  /// How long the load took in microseconds; 0 if there was none, or it is not known.
  var loadMicroseconds: UInt32 = 0
  var isHit: Bool

  /// Whether the value that was missed may still come.
  var isPending: Bool { byteCount < 0 && !isHit }
}
