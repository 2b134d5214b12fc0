import PlannerCore
import ZLib

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A folder that goes when it is not needed any more.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/planner-tests-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    path = String(cString: made!)
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(folder)
    }
    rmdir(path)
  }

  /// Writes a file.
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = "\(path)/\(name)"
    let handle = fopen(file, "wb")!
    fwrite(bytes, 1, bytes.count, handle)
    fclose(handle)
    return file
  }

  func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

  /// Writes a file as gzip data.
  func writeCompressed(_ name: String, _ bytes: [UInt8]) -> String {
    let file = "\(path)/\(name)"
    let handle = gzopen(file, "wb")
    gzwrite(handle, bytes, UInt32(bytes.count))
    gzclose(handle)
    return file
  }

  /// The bytes of a file.
  func read(_ file: String) -> [UInt8] {
    let handle = fopen(file, "rb")!
    defer { fclose(handle) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, handle)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}

/// Recorded streams beside the clone, or where `LAMBDA_CACHE_TRACES` says, as in the library's own
/// tests.
enum RecordedTrace {
  private static let folder: String = {
    if let folder = getenv("LAMBDA_CACHE_TRACES") { return String(cString: folder) }
    let clone = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    return clone.joined(separator: "/") + "/../shared/traces"
  }()

  static let areMissing = path("web07") == nil

  static func path(_ name: String) -> String? {
    let path = "\(folder)/\(name).u32le"
    return Platform.fileExists(path) ? path : nil
  }
}
