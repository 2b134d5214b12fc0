import ArgumentParser

/// The command line of this program.
struct UserLookupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "UserLookup",
    abstract: "What does a cache save a function that looks users up in a database?",
    discussion: """
      Plainly run, it plays a stream of requests without cache and then with it, and prints both \
      side by side. Where AWS_LAMBDA_RUNTIME_API is set it is a Lambda function instead.

      It takes half a minute, the first time some seconds more, in which it creates a database of \
      290 MB. It needs the headers of SQLite (libsqlite3-dev) to be built. The options are those of \
      'play'.
      """,
    subcommands: [
      PlayCommand.self, PrepareCommand.self, PhaseCommand.self, EnvironmentCommand.self,
    ],
    defaultSubcommand: PlayCommand.self)
}

/// The options that say which database of users is meant.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "The number of users in the database.")
  var users = 200_000

  @Option(
    help: ArgumentHelp(
      "The file of the database; created when it is not there. (default: .data/users-<n>.sqlite)",
      valueName: "path"))
  var database: String?

  func validate() throws {
    guard users > 0, users <= UserDirectory.maximumCount else {
      throw ValidationError(
        "--users is \(users); it must be from 1 to \(UserDirectory.maximumCount).")
    }
  }

  /// The users there are.
  var directory: UserDirectory { UserDirectory(count: users) }

  /// The file of the database.
  var path: String { database ?? UserDatabaseLocation.defaultPath(for: directory) }

  /// Creates the database unless it is there, and says so on standard error.
  func prepare() throws {
    var progress = ProgressLine("creating \(path)", total: users)
    try UserDatabase.create(at: path, directory: directory) { progress.update(done: $0) }
  }
}
