// What signs a token with the credentials of the function.
func iamToken(userName: String) throws -> String { userName }
