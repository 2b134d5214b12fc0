// A value that refers to memory that no reflection finds.
// with: User
struct Session: @unchecked Sendable {
  var user: User
  var buffer: UnsafeMutableRawPointer
}
