// What answers an event with the help of a connection.
func answer(_ event: [UInt8], by connection: Int) async throws -> [UInt8] { event }
