@testable import LambdaCacheRuntime

/// The result of parsing an input.
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
    do throws(HTTPSyntaxError) {
      let start = try parser.consume(input, splitAt: offsets)
      if !parser.isComplete { try parser.finish() }
      return .message(parser.takeMessage(), surplus: input.count - start)
    } catch {
      return error == .truncated ? .truncated : .failure(error)
    }
  }

  private mutating func consume(
    _ input: [UInt8], splitAt offsets: [Int]
  ) throws(HTTPSyntaxError) -> Int {
    var (start, index) = (0, 0)
    var fault: HTTPSyntaxError?
    input.withUnsafeBytes { bytes in
      // Not a `for`, which takes a debug build longer than the parser.
      while index <= offsets.count, !isComplete {
        let end = index < offsets.count ? offsets[index] : bytes.count
        index += 1
        do throws(HTTPSyntaxError) {
          start += try consume(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        } catch {
          fault = error
          return
        }
      }
    }
    if let fault { throw fault }
    return start
  }
}
