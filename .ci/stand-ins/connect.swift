// What needs a secret.
func connect(with password: String) async throws -> Int { 0 }
