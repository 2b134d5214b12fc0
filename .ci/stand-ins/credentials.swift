// What asks for a secret, and what rejects an old one.
struct AccessDenied: Error {}

func credentials(_ name: String) async throws -> String { name }
