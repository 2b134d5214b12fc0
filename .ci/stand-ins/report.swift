// What has lines to send, one after the other.
func report(for event: [UInt8]) -> AsyncStream<String> { AsyncStream { $0.finish() } }
