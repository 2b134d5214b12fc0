import Foundation
import GRDB
import Synchronization

/// A read-only SQLite database of users and their profiles, which counts how often it is read.
final class UserDatabase: Sendable {
  /// The users in it.
  let directory: UserDirectory

  private let queue: DatabaseQueue
  private let reads = Atomic<Int>(0)

  /// Opens a database that `UserDatabase.create` has made.
  ///
  /// - Parameter path: The file.
  /// - Throws: `UserDatabaseError` when there is no file, or when it holds something else.
  init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw UserDatabaseError.missing(path: path)
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "users"
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      let contents = try queue.unsafeRead { try Self.contents(of: $0) }
      guard let contents, contents.format == Self.format else {
        throw UserDatabaseError.foreign(path: path, found: contents.map { "format \($0.format)" })
      }
      directory = contents.directory
    } catch let error as DatabaseError {
      throw UserDatabaseError.foreign(path: path, found: error.description)
    }
  }

  /// How many profiles have been looked up since the database was opened.
  var readCount: Int { reads.load(ordering: .relaxed) }

  /// Looks a profile up by user name, through a statement that is prepared once.
  ///
  /// - Parameter name: The user name.
  /// - Returns: The profile, as UTF-8 JSON.
  /// - Throws: `UserLookupError.unknownUser` when no user has the name, or SQLite's own error.
  func profile(ofUserNamed name: String) throws -> [UInt8] {
    reads.add(1, ordering: .relaxed)
    let profile: [UInt8]? = try queue.unsafeRead { database in
      let statement = try database.cachedStatement(
        sql: "SELECT profile FROM users WHERE username = ?")
      let rows = try Row.fetchCursor(statement, arguments: [name])
      return try rows.next()?.withUnsafeData(atIndex: 0) { $0.map { [UInt8]($0) } }
    }
    guard let profile else { throw UserLookupError.unknownUser(name) }
    return profile
  }
}

/// A request for a user that does not exist.
enum UserLookupError: Error, Equatable {
  /// No user is called so.
  case unknownUser(String)
}

extension UserLookupError: CustomStringConvertible {
  var description: String {
    switch self {
    case .unknownUser(let name): "No user is called \"\(name)\"."
    }
  }
}

/// Why a database of users cannot be used.
enum UserDatabaseError: Error, Equatable {
  /// There is no such file.
  case missing(path: String)
  /// The file is not a database of users of this program's making.
  case foreign(path: String, found: String?)
  /// A step of its creation was refused by the system.
  case creation(path: String, step: String, reason: String)
}

extension UserDatabaseError: CustomStringConvertible {
  var description: String {
    switch self {
    case .missing(let path):
      """
      There is no database of users at \(path): create it with "UserLookup prepare", or name \
      another one in \(UserDatabaseLocation.variable).
      """
    case .foreign(let path, let found):
      """
      \(path) is not a database of users of this program's making\
      \(found.map { " (\($0))" } ?? ""); delete it, or name another file.
      """
    case .creation(let path, let step, let reason):
      "The database of users at \(path) could not be created: \(step): \(reason)."
    }
  }
}
