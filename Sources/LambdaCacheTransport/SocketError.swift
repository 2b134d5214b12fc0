/// The reason why a socket could not be opened.
package enum SocketError: Error, Equatable {
  /// No connection could be made, or the name has no address; the text says why.
  case unreachable(String)
  /// A system call that has nothing to do with the peer failed.
  case failed(SystemError)
}
