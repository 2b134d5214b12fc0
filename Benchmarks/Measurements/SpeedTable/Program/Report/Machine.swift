import Foundation

/// Where and with what a table was made.
struct Machine {
  /// The lines above the table: machine, compiler, date, command.
  static func lines(command: String) -> [String] {
    let process = ProcessInfo.processInfo
    return [
      "machine: \(processor), \(process.activeProcessorCount) cores, "
        + process.operatingSystemVersionString,
      "compiler: \(compiler)",
      "date: \(ISO8601DateFormatter().string(from: Date()))",
      "command: \(command)",
    ]
  }

  private static var processor: String {
    #if os(Linux)
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
        return "unknown processor"
      }
      let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
      guard let name = line?.split(separator: ":").last else { return architecture }
      return name.trimmingCharacters(in: .whitespaces) + " (\(architecture))"
    #else
      return architecture
    #endif
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown processor"
    #endif
  }

  /// The compiler on the path, which `swift run` has just built the program with.
  private static var compiler: String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "--version"]
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil, let output = try? pipe.fileHandleForReading.readToEnd()
    else { return "unknown" }
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self).split(separator: "\n").first.map(String.init)
      ?? "unknown"
  }
}
