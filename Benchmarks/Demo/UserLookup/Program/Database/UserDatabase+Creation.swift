import Foundation
import GRDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Creation, all or nothing.
///
/// The rows are written into a file beside the final one, which is synchronised and then renamed:
/// the final name never stands for half a database. A lock file keeps a second process from
/// writing the same file; it finds the database complete when its turn comes. Whatever an
/// interrupted creation left behind is removed by the next one.
extension UserDatabase {
  /// The version of the tables and of the profiles in them.
  static let format = 1

  /// The facts that a database keeps about itself.
  struct Contents: Equatable {
    var format: Int
    var directory: UserDirectory
  }

  /// The facts that a database keeps about itself, or `nil` if it has none.
  static func contents(of database: Database) throws -> Contents? {
    guard try database.tableExists("contents"),
      let row = try Row.fetchOne(database, sql: "SELECT format, users FROM contents"),
      let format = row["format"] as Int?, let users = row["users"] as Int?,
      users > 0, users <= UserDirectory.maximumCount
    else { return nil }
    return Contents(format: format, directory: UserDirectory(count: users))
  }

  /// Creates the database unless it is there.
  ///
  /// - Parameters:
  ///   - path: The file; its folder is created as well.
  ///   - directory: The users it shall hold.
  ///   - progress: Called with the number of users written so far, now and then.
  /// - Returns: Whether it had to be created.
  /// - Throws: `UserDatabaseError` when it cannot be written, or when another one is in its place.
  @discardableResult
  static func create(
    at path: String, directory: UserDirectory, progress: (Int) -> Void
  ) throws -> Bool {
    if try exists(path, holding: directory) { return false }
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }
    return try withFileLock(at: path + ".lock") {
      if try exists(path, holding: directory) { return false }
      let partial = path + ".partial"
      if FileManager.default.fileExists(atPath: partial) {
        try FileManager.default.removeItem(atPath: partial)
      }
      try write(directory, to: partial, progress: progress)
      try synchronize(partial)
      guard rename(partial, path) == 0 else {
        throw systemError(path: path, step: "rename \(partial)")
      }
      return true
    }
  }

  /// Whether the database is there; what is there with other users is an error.
  private static func exists(_ path: String, holding directory: UserDirectory) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return false }
    let existing = try UserDatabase(path: path).directory
    guard existing == directory else {
      throw UserDatabaseError.foreign(path: path, found: "it holds \(existing.count) users")
    }
    return true
  }

  private static func write(
    _ directory: UserDirectory, to path: String, progress: (Int) -> Void
  ) throws {
    var configuration = Configuration()
    // The file is thrown away unless everything succeeds: there is nothing to roll back.
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { database in
      try database.execute(
        sql: """
          CREATE TABLE contents (format INTEGER NOT NULL, users INTEGER NOT NULL);
          CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT NOT NULL,
                              profile TEXT NOT NULL);
          """)
      try insertUsers(of: directory, into: database, progress: progress)
      // After the rows: an index built at once is denser and several times faster.
      try database.execute(sql: "CREATE UNIQUE INDEX usersByName ON users (username)")
      try database.execute(
        sql: "INSERT INTO contents VALUES (?, ?)", arguments: [format, directory.count])
    }
    try queue.close()
  }

  private static func insertUsers(
    of directory: UserDirectory, into database: Database, progress: (Int) -> Void
  ) throws {
    let generator = ProfileGenerator(directory: directory)
    let insertion = try database.makeStatement(sql: "INSERT INTO users VALUES (?, ?, ?)")
    for user in 0..<directory.count {
      let profile = String(decoding: generator.profile(of: user), as: UTF8.self)
      try insertion.execute(arguments: [user, directory.name(of: user), profile])
      if user % 1000 == 999 {
        progress(user + 1)
      }
    }
    progress(directory.count)
  }

  private static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDWR)
    guard descriptor >= 0 else { throw systemError(path: path, step: "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError(path: path, step: "fsync") }
  }

  private static func withFileLock<Result>(
    at path: String, _ body: () throws -> Result
  ) throws -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path: path, step: "open") }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw systemError(path: path, step: "lock") }
    }
    return try body()
  }

  private static func systemError(path: String, step: String) -> UserDatabaseError {
    .creation(path: path, step: step, reason: String(cString: strerror(errno)))
  }
}
