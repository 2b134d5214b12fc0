#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The environment variables of this process.
///
/// Everything in this package takes its variables from a dictionary that the caller may replace;
/// this is the one place that reads the real ones.
@usableFromInline
package enum ProcessEnvironment {
  /// The variables as they are now, by name.
  ///
  /// An entry without `=` is skipped, and of two entries with one name the first counts, as for
  /// `getenv`. Bytes that are not UTF-8 are repaired.
  ///
  /// - Complexity: O(*n*) in the size of the environment; read it once, at start-up.
  @usableFromInline package static var current: [String: String] {
    var variables: [String: String] = [:]
    guard var cursor = environmentBlock else { return variables }
    while let entry = cursor.pointee {
      let text = String(cString: entry)
      if let separator = text.firstIndex(of: "=") {
        let name = String(text[..<separator])
        if variables[name] == nil {
          variables[name] = String(text[text.index(after: separator)...])
        }
      }
      cursor += 1
    }
    return variables
  }

  private static var environmentBlock: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    #if canImport(Darwin)
      return _NSGetEnviron().pointee
    #else
      return environ
    #endif
  }
}
