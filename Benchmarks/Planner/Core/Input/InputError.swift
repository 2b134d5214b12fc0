/// Why a log cannot be used.
package enum InputError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// A file cannot be written.
  case unwritable(file: String, reason: String)
  /// Nothing tells which kind of log it is.
  case unknownFormat(file: String, reason: String)
  /// A line is not what its format says, and lines must be.
  case malformed(file: String, line: Int, reason: String)
  /// Compressed data is damaged, and input must not be.
  case damaged(file: String, reason: String)
  /// A field that was asked for is not there.
  case missingField(file: String, name: String, available: [String])
  /// The log is of several caches, and none was chosen.
  case severalCaches(file: String, names: [String])
  /// There are no requests.
  case noRequests(files: [String])

  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .unwritable(let file, let reason): "\(file) cannot be written: \(reason)"
    case .unknownFormat(let file, let reason):
      "\(file) is no log that is known: \(reason); name one with --format"
    case .malformed(let file, let line, let reason): "\(file), line \(line): \(reason)"
    case .damaged(let file, let reason): "\(file) is damaged: \(reason)"
    case .missingField(let file, let name, let available):
      "\(file) has no field \(name)"
        + (available.isEmpty ? "" : "; it has \(available.joined(separator: ", "))")
    case .severalCaches(let file, let names):
      "\(file) has look-ups of \(names.joined(separator: ", ")): choose a cache with --cache"
    case .noRequests(let files):
      "no request was found in \(files.joined(separator: ", "))"
    }
  }
}

/// The lines that could not be used, counted by reason.
package struct InputIssues: Sendable, Equatable {
  /// A reason and where it was met.
  package struct Issue: Sendable, Equatable {
    package var reason: String
    package var count: Int
    /// The first places, at most five, as `file:line`.
    package var places: [String]
  }

  package private(set) var issues: [Issue] = []

  package init() {}

  package var total: Int { issues.reduce(0) { $0 + $1.count } }

  package mutating func note(_ reason: String, file: String, line: Int) {
    let place = "\(file):\(line)"
    if let index = issues.firstIndex(where: { $0.reason == reason }) {
      issues[index].count += 1
      if issues[index].places.count < 5 { issues[index].places.append(place) }
    } else {
      issues.append(Issue(reason: reason, count: 1, places: [place]))
    }
  }
}
