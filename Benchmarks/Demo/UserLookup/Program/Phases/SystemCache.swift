import Foundation

/// The system's cache of files.
enum SystemCache {
  /// Reads a file once, so that the first phase does not pay for what the second one then finds.
  ///
  /// - Throws: The system's error when it cannot be read.
  static func read(_ path: String) throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { file.closeFile() }
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {}
  }
}
