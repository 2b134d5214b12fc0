/// Commands as they are sent, one behind the other: arrays of texts.
struct RESPCommands: Equatable, Sendable {
  private(set) var bytes: [UInt8] = []
  /// The number of commands, and of the replies that they get.
  private(set) var count = 0

  /// Appends a command.
  ///
  /// - Parameters:
  ///   - name: The name, and words that are fixed.
  ///   - arguments: The other words.
  mutating func append(_ name: String..., arguments: some Collection<[UInt8]>) {
    count += 1
    appendHead("*", name.count + arguments.count)
    for word in name { appendText(word.utf8) }
    for argument in arguments { appendText(argument) }
  }

  /// Appends a command of fixed words.
  mutating func append(_ words: String...) {
    count += 1
    appendHead("*", words.count)
    for word in words { appendText(word.utf8) }
  }

  private mutating func appendText(_ text: some Collection<UInt8>) {
    appendHead("$", text.count)
    bytes.append(contentsOf: text)
    bytes.append(contentsOf: "\r\n".utf8)
  }

  private mutating func appendHead(_ type: Unicode.Scalar, _ count: Int) {
    bytes.append(UInt8(ascii: type))
    bytes.append(contentsOf: String(count).utf8)
    bytes.append(contentsOf: "\r\n".utf8)
  }
}
