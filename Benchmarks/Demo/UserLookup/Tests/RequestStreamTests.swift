import Foundation
import Testing

@testable import UserLookup

@Suite("A stream of requests")
struct RequestStreamTests {
  @Test(
    "A stream of requests gives back what was put in, after each rewinding",
    arguments: [0, 1, 16_384, 50_001])
  func roundTrip(count: Int) throws {
    var stream = try RequestStream()
    for user in 0..<count {
      try stream.append(user: user * 3)
    }
    #expect(stream.count == count)
    for _ in 0..<2 {
      try stream.rewind()
      #expect(try words(of: stream.descriptor) == (0..<count).map { UInt32($0 * 3) })
    }
  }

  @Test("A stream of requests that ends within a word is an error", arguments: [1, 2, 3])
  func truncated(extraBytes: Int) throws {
    try withTemporaryFolder { folder in
      let url = URL(fileURLWithPath: folder + "/stream")
      try Data(repeating: 7, count: 4 + extraBytes).write(to: url)
      let file = try FileHandle(forReadingFrom: url)
      var reader = WordReader(descriptor: file.fileDescriptor)
      #expect(try reader.next() == 0x0707_0707)
      #expect(throws: RequestStreamError.truncated(extraBytes: extraBytes)) {
        try reader.next()
      }
      try file.close()
    }
  }
}

@Suite("A trace")
struct TraceFileTests {
  @Test("A trace keeps its keys apart and their repetitions together")
  func keys() throws {
    let keys: [UInt32] = [5, 4_000_000_000, 5, 0, 4_000_000_000, 1_000_005, 5]
    let users = try play(keys, limit: nil, userCount: 4)
    #expect(users.count == keys.count)
    #expect(Set(users).count == 4)
    for (first, second) in zip(keys.indices, keys.indices.dropFirst()) {
      #expect((keys[first] == keys[second]) == (users[first] == users[second]))
    }
    #expect(users[0] == users[2] && users[0] == users[6] && users[1] == users[4])
  }

  @Test("A trace is taken up to the number of requests asked for", arguments: [1, 3, 7, 100])
  func limit(requests: Int) throws {
    let keys: [UInt32] = [9, 8, 7, 9, 8, 7, 6]
    let whole = try play(keys, limit: nil, userCount: 10)
    #expect(try play(keys, limit: requests, userCount: 10) == Array(whole.prefix(requests)))
  }

  @Test("A trace with more distinct keys than users is an error")
  func tooManyKeys() throws {
    #expect {
      try play([1, 2, 3], limit: nil, userCount: 2)
    } throws: {
      guard case .tooManyKeys(_, userCount: 2)? = $0 as? TraceFileError else { return false }
      return true
    }
  }

  @Test("A trace of a wrong size is an error", arguments: [0, 1, 5, 4003])
  func sizes(byteCount: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/trace"
      try Data(count: byteCount).write(to: URL(fileURLWithPath: path))
      #expect(throws: TraceFileError.size(path: path, byteCount: byteCount)) {
        try append(path, limit: nil, userCount: 10)
      }
    }
  }

  @Test("A trace that is missing or a folder is an error")
  func noFile() throws {
    try withTemporaryFolder { folder in
      #expect(throws: TraceFileError.notAFile(path: folder)) {
        try append(folder, limit: nil, userCount: 10)
      }
      let path = folder + "/missing"
      #expect(throws: TraceFileError.system(path: path, number: ENOENT)) {
        try append(path, limit: nil, userCount: 10)
      }
    }
  }

  @discardableResult
  private func append(_ path: String, limit: Int?, userCount: Int) throws -> [UInt32] {
    var stream = try RequestStream()
    try TraceFile.append(
      path: path, limit: limit, directory: UserDirectory(count: userCount), to: &stream)
    try stream.rewind()
    return try words(of: stream.descriptor)
  }

  private func play(_ keys: [UInt32], limit: Int?, userCount: Int) throws -> [UInt32] {
    var users: [UInt32] = []
    try withTemporaryFolder { folder in
      let path = folder + "/trace"
      let bytes = keys.flatMap { key in (0..<4).map { UInt8(truncatingIfNeeded: key >> ($0 * 8)) } }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      users = try append(path, limit: limit, userCount: userCount)
    }
    return users
  }
}

private func words(of descriptor: Int32) throws -> [UInt32] {
  var reader = WordReader(descriptor: descriptor)
  var words: [UInt32] = []
  while let word = try reader.next() {
    words.append(word)
  }
  return words
}
