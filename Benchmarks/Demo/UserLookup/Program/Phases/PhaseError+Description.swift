#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension PhaseError: CustomStringConvertible {
  var description: String {
    switch self {
    case .incomplete(let requests, let expected):
      "The stream of requests holds \(requests) requests instead of \(expected)."
    case .process(let step, let number):
      "The process of a phase failed to \(step): \(String(cString: strerror(number)))."
    case .abandoned:
      "The process that started the phase has ended."
    case .failed(let label, let status):
      "The phase \(label) ended with status \(status)."
    case .killed(let label, let signal):
      "The phase \(label) was ended by signal \(signal)."
    case .unreadable(let label):
      "The phase \(label) printed something else than its result."
    case .answersDiffer(let uncached, let cached):
      """
      The cache gave other answers than the database: digest \(String(uncached, radix: 16)) \
      without cache, \(String(cached, radix: 16)) with it.
      """
    }
  }
}
