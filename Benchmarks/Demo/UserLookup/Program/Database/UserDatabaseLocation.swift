import Foundation

/// Where the database of users is.
enum UserDatabaseLocation {
  /// The environment variable that names the file of the function's database.
  static let variable = "USER_LOOKUP_DATABASE"

  /// The file that is used when none is named: in a folder of this package that git ignores.
  ///
  /// - Parameter directory: The users it holds; each number of users has a file of its own.
  static func defaultPath(for directory: UserDirectory) -> String {
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent()  // Database
      .deletingLastPathComponent()  // Program
      .deletingLastPathComponent()  // UserLookup
      .deletingLastPathComponent()  // Demo
      .deletingLastPathComponent()
    return package.appendingPathComponent(".data/users-\(directory.count).sqlite").path
  }
}
