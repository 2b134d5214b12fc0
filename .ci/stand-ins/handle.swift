// A handler of the reader's own.
func handle(_ event: [UInt8]) async throws -> [UInt8] { event }
