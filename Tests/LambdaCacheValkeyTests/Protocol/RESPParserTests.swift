import Testing

@testable import LambdaCacheValkey

@Suite("A parser of replies")
struct RESPParserTests {
  @Test(
    "A parser of replies reads each type",
    arguments: [
      ("+OK\r\n", .status(Array("OK".utf8))), ("+\r\n", .status([])),
      ("-ERR no\r\n", .error(Array("ERR no".utf8))), (":0\r\n", .integer(0)),
      (":-12\r\n", .integer(-12)), (":+7\r\n", .integer(7)),
      ("$3\r\na\r\n\r\n", .bytes([0x61, 13, 10])), ("$0\r\n\r\n", .bytes([])),
      ("$-1\r\n", .null), ("*-1\r\n", .null), ("_\r\n", .null), ("*0\r\n", .array([])),
      ("#t\r\n", .boolean(true)), ("#f\r\n", .boolean(false)),
      (",1.5\r\n", .number(Array("1.5".utf8))), ("(12\r\n", .number(Array("12".utf8))),
      ("=6\r\ntxt:ab\r\n", .bytes([0x61, 0x62])), ("!4\r\nERR \r\n", .error(Array("ERR ".utf8))),
      ("*2\r\n:1\r\n*1\r\n:2\r\n", .array([.integer(1), .array([.integer(2)])])),
      ("~1\r\n:1\r\n", .array([.integer(1)])),
      ("%1\r\n+a\r\n:1\r\n", .map([.status([0x61]), .integer(1)])),
      ("%0\r\n", .map([])), (">1\r\n:1\r\n", .push([.integer(1)])), (">0\r\n", .push([])),
      ("|1\r\n+a\r\n:1\r\n:2\r\n", .integer(2)), ("|0\r\n:2\r\n", .integer(2)),
      ("*2\r\n|1\r\n+a\r\n:1\r\n:2\r\n:3\r\n", .array([.integer(2), .integer(3)])),
    ] as [(String, RESPValue)])
  func types(text: String, value: RESPValue) {
    #expect(ParserOutcome(of: Array(text.utf8)) == .replies([value], isWithinReply: false))
  }

  @Test(
    "A parser of replies names what is wrong",
    arguments: [
      ("?\r\n", .unknownType(0x3F)), ("\r\n", .malformedLine("")), ("+a\n", .malformedLine("+a")),
      (":\r\n", .malformedLine(":")), (":1x\r\n", .malformedLine(":1x")),
      (":99999999999999999999\r\n", .malformedLine(":99999999999999999999")),
      ("#x\r\n", .malformedLine("#x")), ("#tt\r\n", .malformedLine("#tt")),
      ("_x\r\n", .malformedLine("_x")), ("$-2\r\n", .malformedLine("$-2")),
      ("$\r\n", .malformedLine("$")), ("$?\r\n", .malformedLine("$?")),
      ("$1\r\nab\r\n", .missingLineEnd), ("$1\r\na\rb", .missingLineEnd),
      ("$1\r\naX\n", .missingLineEnd),
      ("=3\r\ntxt\r\n", .malformedLine("=3")), ("*x\r\n", .malformedLine("*x")),
    ] as [(String, RESPSyntaxError)])
  func faults(text: String, error: RESPSyntaxError) {
    #expect(ParserOutcome(of: Array(text.utf8)) == .fault(error, after: 0))
  }

  @Test("A parser of replies allows each limit, and not one more")
  func limits() {
    let limits = RESPLimits(
      lineByteCount: 6, textByteCount: 4, replyByteCount: 30, valueCount: 4, depth: 2)
    func outcome(_ text: String) -> ParserOutcome {
      ParserOutcome(of: Array(text.utf8), limits: limits)
    }
    for text in [
      "+abc\r\n", "$4\r\nabcd\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n", "*1\r\n*1\r\n:1\r\n",
      "*3\r\n$4\r\nabcd\r\n$4\r\nabcd\r\n+abc\r\n",
    ] {
      guard case .replies(let replies, false) = outcome(text), replies.count == 1 else {
        Issue.record("\(text): \(outcome(text))")
        continue
      }
    }
    #expect(outcome("+abcd\r\n") == .fault(.lineTooLong(limit: 6), after: 0))
    #expect(outcome("$5\r\n") == .fault(.textTooLong(limit: 4), after: 0))
    #expect(outcome("*5\r\n") == .fault(.tooManyValues(limit: 4), after: 0))
    #expect(outcome("*2\r\n:1\r\n*2\r\n:1\r\n:1\r\n") == .fault(.tooManyValues(limit: 4), after: 0))
    #expect(outcome("*1\r\n*1\r\n*1\r\n:1\r\n") == .fault(.tooDeep(limit: 2), after: 0))
    #expect(
      outcome("*3\r\n$4\r\nabcd\r\n$4\r\nabcd\r\n$3\r\nabc")
        == .fault(.replyTooLarge(limit: 30), after: 0))
    // Each reply is counted from its own beginning.
    #expect(
      outcome(String(repeating: "*3\r\n:1\r\n:2\r\n:3\r\n", count: 5))
        == .replies(
          Array(repeating: .array([.integer(1), .integer(2), .integer(3)]), count: 5),
          isWithinReply: false))
  }

  @Test("A parser of replies keeps an aggregate of a million levels off the stack")
  func depth() {
    let limits = RESPLimits(replyByteCount: 1 << 30, valueCount: 1 << 30, depth: 1 << 30)
    let text = Array(String(repeating: "*1\r\n", count: 100_000).utf8)
    #expect(ParserOutcome(of: text, limits: limits) == .replies([], isWithinReply: true))
  }
}

/// All that a parser makes of some bytes.
enum ParserOutcome: Equatable {
  case replies([RESPValue], isWithinReply: Bool)
  /// A fault behind some replies.
  case fault(RESPSyntaxError, after: Int)

  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - offsets: The places between the pieces that the parser is given, in order.
  ///   - limits: The limits of the parser.
  init(of bytes: [UInt8], splitAt offsets: [Int] = [], limits: RESPLimits = RESPLimits()) {
    var parser = RESPParser(limits: limits)
    var replies: [RESPValue] = []
    var start = 0
    for end in offsets + [bytes.count] {
      let fault = Self.parse(bytes[start..<end], &parser, &replies)
      if let fault {
        self = .fault(fault, after: replies.count)
        return
      }
      start = end
    }
    self = .replies(replies, isWithinReply: parser.isWithinReply)
  }

  private static func parse(
    _ piece: ArraySlice<UInt8>, _ parser: inout RESPParser, _ replies: inout [RESPValue]
  ) -> RESPSyntaxError? {
    piece.withUnsafeBytes { piece in
      var offset = 0
      do throws(RESPSyntaxError) {
        while let reply = try parser.next(in: piece, from: &offset) { replies.append(reply) }
        return nil
      } catch {
        return error
      }
    }
  }
}
