/// Walks one JSON text and remembers where the values at some paths stand; builds nothing.
///
/// Names are compared as they are written, so a name in a path must have no escapes. A component
/// may also be the number of an array's element.
struct JSONScanner {
  private let paths: [[[UInt8]]]
  private var found: [Range<Int>?]
  private var position = 0

  /// Nesting beyond this is malformed, so that no input can exhaust the stack.
  private static let depthLimit = 64

  init(paths: [[String]]) {
    self.paths = paths.prefix(32).map { $0.map { Array($0.utf8) } }
    found = Array(repeating: nil, count: self.paths.count)
  }

  /// Reads a text.
  ///
  /// - Returns: Whether it is one JSON object, and nothing behind it.
  mutating func scan(_ text: Bytes) -> Bool {
    for index in found.indices { found[index] = nil }
    position = 0
    skipSpace(text)
    guard position < text.count, text[position] == UInt8(ascii: "{") else { return false }
    let all = UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(paths.count)) - 1)
    guard scanValue(text, depth: 0, active: all) else { return false }
    skipSpace(text)
    return position == text.count
  }

  /// The value of a path: a string without its quotation marks, anything else as it is written.
  ///
  /// - Returns: `nil` if the path leads nowhere, or to `null`.
  func value(_ path: Int, in text: Bytes) -> Bytes? {
    found[path].map { text[part: $0] }
  }

  private mutating func scanValue(_ text: Bytes, depth: Int, active: UInt32) -> Bool {
    guard position < text.count, depth < JSONScanner.depthLimit else { return false }
    let start = position
    var range: Range<Int>?
    switch text[position] {
    case UInt8(ascii: "{"):
      guard scanMembers(text, depth: depth, active: active) else { return false }
      range = start..<position
    case UInt8(ascii: "["):
      guard scanElements(text, depth: depth, active: active) else { return false }
      range = start..<position
    case UInt8(ascii: "\""):
      guard scanString(text) else { return false }
      range = start + 1..<position - 1
    case UInt8(ascii: "n"):
      guard skipWord("null", text) else { return false }
    case UInt8(ascii: "t"):
      guard skipWord("true", text) else { return false }
      range = start..<position
    case UInt8(ascii: "f"):
      guard skipWord("false", text) else { return false }
      range = start..<position
    default:
      guard scanNumber(text) else { return false }
      range = start..<position
    }
    if active != 0, depth > 0 { note(range, depth: depth, active: active) }
    return true
  }

  private mutating func note(_ range: Range<Int>?, depth: Int, active: UInt32) {
    for index in paths.indices where active >> UInt32(index) & 1 == 1 && paths[index].count == depth
    {
      found[index] = range
    }
  }

  /// The paths that go on with a name at a depth.
  private func narrowed(_ active: UInt32, by name: Bytes, depth: Int) -> UInt32 {
    var rest: UInt32 = 0
    for index in paths.indices where active >> UInt32(index) & 1 == 1 {
      let path = paths[index]
      guard path.count > depth else { continue }
      let component = path[depth]
      if component.count == name.count, component.elementsEqual(name) { rest |= 1 << UInt32(index) }
    }
    return rest
  }

  private mutating func scanMembers(_ text: Bytes, depth: Int, active: UInt32) -> Bool {
    position += 1
    skipSpace(text)
    if take(UInt8(ascii: "}"), text) { return true }
    while true {
      skipSpace(text)
      let start = position
      guard scanString(text) else { return false }
      let name = text[part: start + 1..<position - 1]
      let rest = active == 0 ? 0 : narrowed(active, by: name, depth: depth)
      skipSpace(text)
      guard take(UInt8(ascii: ":"), text) else { return false }
      skipSpace(text)
      guard scanValue(text, depth: depth + 1, active: rest) else { return false }
      skipSpace(text)
      if take(UInt8(ascii: "}"), text) { return true }
      guard take(UInt8(ascii: ","), text) else { return false }
    }
  }

  private mutating func scanElements(_ text: Bytes, depth: Int, active: UInt32) -> Bool {
    position += 1
    skipSpace(text)
    if take(UInt8(ascii: "]"), text) { return true }
    var number = 0
    while true {
      skipSpace(text)
      var rest: UInt32 = 0
      if active != 0 {
        rest = Array(String(number).utf8).withUnsafeBytes {
          narrowed(active, by: $0, depth: depth)
        }
      }
      guard scanValue(text, depth: depth + 1, active: rest) else { return false }
      number += 1
      skipSpace(text)
      if take(UInt8(ascii: "]"), text) { return true }
      guard take(UInt8(ascii: ","), text) else { return false }
    }
  }

  private mutating func scanString(_ text: Bytes) -> Bool {
    guard take(UInt8(ascii: "\""), text) else { return false }
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        position += 1
        return true
      case UInt8(ascii: "\\"): position += 2
      case 0..<0x20: return false
      default: position += 1
      }
    }
    return false
  }

  private mutating func scanNumber(_ text: Bytes) -> Bool {
    let start = position
    while position < text.count {
      switch text[position] {
      case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        position += 1
        continue
      default: break
      }
      break
    }
    return text[part: start..<position].decimalNumber != nil
  }

  private mutating func skipWord(_ word: StaticString, _ text: Bytes) -> Bool {
    guard text[part: position..<text.count].starts(with: word) else { return false }
    position += word.utf8CodeUnitCount
    return true
  }

  private mutating func take(_ byte: UInt8, _ text: Bytes) -> Bool {
    guard position < text.count, text[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace(_ text: Bytes) {
    while position < text.count, text[position] == 0x20 || (9...13).contains(text[position]) {
      position += 1
    }
  }
}
