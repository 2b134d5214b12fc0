import Foundation
import Testing

@testable import UserLookup

@Suite("The database of users")
struct UserDatabaseTests {
  @Test(
    "The database of users answers every user name with that user's profile and counts the reads")
  func lookups() throws {
    try withTemporaryFolder { folder in
      let directory = UserDirectory(count: 300)
      let path = folder + "/deep/er/users.sqlite"
      #expect(try UserDatabase.create(at: path, directory: directory) { _ in })
      let database = try UserDatabase(path: path)
      #expect(database.directory == directory)
      let generator = ProfileGenerator(directory: directory)
      for user in 0..<directory.count {
        let profile = try database.profile(ofUserNamed: directory.name(of: user))
        #expect(profile == generator.profile(of: user))
      }
      #expect(database.readCount == 300)
    }
  }

  @Test("The database of users refuses a user name that does not exist")
  func unknownUser() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/users.sqlite"
      try UserDatabase.create(at: path, directory: UserDirectory(count: 3)) { _ in }
      let database = try UserDatabase(path: path)
      for name in ["", "nobody", "ADA.adelman1", "' OR 1=1 --"] {
        #expect(throws: UserLookupError.unknownUser(name)) {
          try database.profile(ofUserNamed: name)
        }
      }
    }
  }

  @Test("The database of users reports its creation from the beginning to the end")
  func progress() throws {
    try withTemporaryFolder { folder in
      var reports: [Int] = []
      try UserDatabase.create(at: folder + "/users.sqlite", directory: UserDirectory(count: 2500)) {
        reports.append($0)
      }
      #expect(reports == [1000, 2000, 2500])
    }
  }

  @Test("The database of users replaces what an interrupted creation left, and leaves nothing")
  func interruptedCreation() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/users.sqlite"
      try Data("half a database".utf8).write(to: URL(fileURLWithPath: path + ".partial"))
      let directory = UserDirectory(count: 5)
      #expect(try UserDatabase.create(at: path, directory: directory) { _ in })
      #expect(try UserDatabase(path: path).directory == directory)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(files == ["users.sqlite", "users.sqlite.lock"])
    }
  }

  @Test("The database of users is created once, and not over a database of other users")
  func existing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/users.sqlite"
      try UserDatabase.create(at: path, directory: UserDirectory(count: 5)) { _ in }
      #expect(try !UserDatabase.create(at: path, directory: UserDirectory(count: 5)) { _ in })
      #expect(throws: UserDatabaseError.foreign(path: path, found: "it holds 5 users")) {
        try UserDatabase.create(at: path, directory: UserDirectory(count: 6)) { _ in }
      }
    }
  }

  @Test(
    "The database of users is not opened when the file is missing or something else",
    arguments: ["", "no database"])
  func foreignFiles(contents: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/users.sqlite"
      #expect(throws: UserDatabaseError.missing(path: path)) { try UserDatabase(path: path) }
      try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: UserDatabaseError.self) { try UserDatabase(path: path) }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(contents.utf8))
    }
  }
}

/// Runs a test with a folder that exists as long as the test.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
  try body(folder.path)
}
