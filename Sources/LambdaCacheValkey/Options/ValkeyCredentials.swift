/// What a connection authenticates with.
public struct ValkeyCredentials: Sendable {
  /// The name of the user.
  let userName: String
  /// Makes the password of a new connection.
  let makePassword: @Sendable () throws -> String

  /// A password that stays the same.
  ///
  /// - Parameters:
  ///   - password: The password.
  ///   - userName: The name of the user; without one, that of the server's default user.
  public static func password(_ password: String, userName: String = "default") -> Self {
    ValkeyCredentials(userName: userName) { password }
  }

  /// A token that is made anew for each connection, such as one of IAM, which is valid for 15
  /// minutes.
  ///
  /// - Parameters:
  ///   - userName: The name of the user.
  ///   - make: Makes the token. It is called before each connection, on a thread that may block;
  ///     an error that it throws is the reason why there is no connection.
  public static func token(
    userName: String, _ make: @escaping @Sendable () throws -> String
  ) -> Self {
    ValkeyCredentials(userName: userName, makePassword: make)
  }
}
