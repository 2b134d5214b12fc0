/// Lambda's limit on an event and on a buffered response.
enum PayloadLimit {
  /// 6 MB and 100 bytes, as AWS states in the error that it reports for a larger response.
  static let byteCount = 6_291_556
}
