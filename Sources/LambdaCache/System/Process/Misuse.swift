/// Ends the process, with a message, where a caller has broken a rule.
///
/// `precondition` prints its message in debug builds only, and functions are deployed in release.
///
/// - Parameters:
///   - condition: The condition that the caller must meet.
///   - message: Names the fault.
@inlinable
package func requireArgument(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

/// Ends the process because an entry was said to have a negative size; apart, so that the hot path
/// holds nothing of the message.
@usableFromInline
@inline(never)
func trapNegativeSize(_ byteCount: Int) -> Never {
  fatalError("the size of an entry is negative: \(byteCount) bytes")
}
