@testable import LambdaCacheRuntime

/// What a parser made of an input.
enum ParseOutcome<Head: HTTPMessageHead>: Equatable {
  case message(HTTPMessage<Head>, surplus: Int)
  case failure(HTTPSyntaxError)
  /// The input ended, and so did the connection, before the message was complete.
  case truncated
}

extension HTTPMessageParser {
  /// Parses an input that arrives in pieces that end at the given offsets, and then ends.
  static func outcome(
    of input: [UInt8], splitAt offsets: [Int] = [], limits: HTTPLimits = HTTPLimits()
  ) -> ParseOutcome<Head> {
    var parser = HTTPMessageParser(limits: limits)
    var start = 0
    do throws(HTTPSyntaxError) {
      for end in offsets + [input.count] {
        let piece = Array(input[start..<end])
        start += try parser.consume(piece)
        if parser.isComplete { break }
      }
      if !parser.isComplete { try parser.finish() }
      return .message(parser.takeMessage(), surplus: input.count - start)
    } catch {
      return error == .truncated ? .truncated : .failure(error)
    }
  }

  private mutating func consume(_ piece: [UInt8]) throws(HTTPSyntaxError) -> Int {
    var result: Result<Int, HTTPSyntaxError> = .success(0)
    piece.withUnsafeBytes { bytes in
      do throws(HTTPSyntaxError) {
        result = .success(try consume(bytes))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }
}
