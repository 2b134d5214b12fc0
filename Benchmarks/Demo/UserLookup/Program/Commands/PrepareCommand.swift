import ArgumentParser

/// Creates the database and prints where it is.
struct PrepareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Create the database unless it is there, and print its path.")

  @OptionGroup var options: DatabaseOptions

  func run() async throws {
    try options.prepare()
    print(options.path)
  }
}
