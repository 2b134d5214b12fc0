// A connection of the reader's own.
import LambdaCacheValkey

final class TLSTransport: ValkeyTransport {
  private let plain = PlainTransport()
  func connect(to endpoint: Endpoint, within limit: Duration) throws {
    try plain.connect(to: endpoint, within: limit)
  }
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
    try plain.read(into: buffer)
  }
  func write(_ bytes: UnsafeRawBufferPointer) throws -> Int? { try plain.write(bytes) }
  func close() { plain.close() }
  var descriptor: Int32 { plain.descriptor }
}
