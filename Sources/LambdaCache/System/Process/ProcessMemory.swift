#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory of this process, as the operating system reports it.
package struct ProcessMemory: Sendable {
  /// A limit that a container runtime has set.
  package struct ContainerLimit: Hashable, Sendable {
    /// The limit in bytes.
    package let byteCount: Int

    /// The file that states it.
    package let source: String

    package init(byteCount: Int, source: String) {
      self.byteCount = byteCount
      self.source = source
    }
  }

  /// The resident set in bytes, or `nil` where it cannot be read.
  package let residentByteCount: Int?

  /// The tightest limit of the control groups of the process, or `nil` if there is none.
  package let containerLimit: ContainerLimit?

  package init(residentByteCount: Int?, containerLimit: ContainerLimit?) {
    self.residentByteCount = residentByteCount
    self.containerLimit = containerLimit
  }

  /// The facts of this process as they are now.
  package static var current: ProcessMemory {
    ProcessMemory(
      residentByteCount: currentResidentByteCount,
      containerLimit: containerLimit(readingFile: contents(ofFile:)))
  }

  /// The resident set of this process in bytes, or `nil` where it cannot be read.
  ///
  /// On Apple platforms it is the largest there has been: never less, and read without a port.
  package static var currentResidentByteCount: Int? {
    #if canImport(Darwin)
      var usage = rusage()
      return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : nil
    #else
      // The second number is the resident set in pages (proc(5)).
      guard let fields = contents(ofFile: "/proc/self/statm")?.split(separator: " "),
        fields.count > 1, let pageCount = Int(fields[1])
      else { return nil }
      return pageCount * Int(getpagesize())
    #endif
  }

  /// The tightest limit on the memory of this process's control groups and of those above them.
  ///
  /// Version 2 of control groups has it in `memory.max` (`max` for none), version 1 in
  /// `memory.limit_in_bytes` (a number near 2⁶³ for none); 1 PiB and more counts as none. In a
  /// container the group's path may be the host's and lead nowhere; then the top of the mounted
  /// tree is the container's own group.
  ///
  /// - Parameter file: The content of a file, or `nil` if it cannot be read.
  package static func containerLimit(
    readingFile file: (String) -> String?
  ) -> ContainerLimit? {
    var candidates: [String] = []
    for line in (file("/proc/self/cgroup") ?? "0::/\n0:memory:/").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let tree: (root: String, file: String)
      if fields[0] == "0", fields[1].isEmpty {
        tree = ("/sys/fs/cgroup", "memory.max")
      } else if fields[1].split(separator: ",").contains("memory") {
        tree = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      } else {
        continue
      }
      var groups = fields[2].split(separator: "/")
      if groups.contains("..") { groups = [] }
      while true {
        let path = ([tree.root] + groups.map(String.init) + [tree.file]).joined(separator: "/")
        candidates.append(path)
        if groups.popLast() == nil { break }
      }
    }
    return candidates.compactMap { path in
      guard let text = file(path)?.split(whereSeparator: \.isWhitespace).first,
        let byteCount = Int(text), byteCount > 0, byteCount < 1 << 50
      else { return nil }
      return ContainerLimit(byteCount: byteCount, source: path)
    }.min { $0.byteCount < $1.byteCount }
  }

  /// The beginning of a file, or `nil` if it cannot be read.
  static func contents(ofFile path: String) -> String? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    var count = 0
    while count < bytes.count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress! + count, buffer.count - count)
      }
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else { return nil }
      if result == 0 { break }
      count += result
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
