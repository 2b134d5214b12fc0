/// What a connection authenticates with.
///
/// It keeps closures and no texts, so that its description has no secret in it.
public struct ValkeyCredentials: Sendable {
  /// Makes the password of a new connection.
  enum Password: Sendable {
    case constant(@Sendable () -> String)
    case made(@Sendable () async throws -> String)
  }

  /// The name of the user.
  let userName: String
  let password: Password

  /// A password that stays the same.
  ///
  /// - Parameters:
  ///   - password: The password.
  ///   - userName: The name of the user; without one, that of the server's default user.
  public static func password(_ password: String, userName: String = "default") -> Self {
    ValkeyCredentials(userName: userName, password: .constant { password })
  }

  /// A token that is made anew for each connection, such as one of IAM, which is valid for 15
  /// minutes.
  ///
  /// - Parameters:
  ///   - userName: The name of the user.
  ///   - make: Makes the token. It is called before each connection, within
  ///     ``ValkeyOptions/connectLimit``: after that its task is cancelled. It runs on a thread of
  ///     its own, and so may block. An error that it throws is the reason why there is no
  ///     connection, and its description is a part of ``ValkeyError/notAuthenticated(_:)``.
  public static func token(
    userName: String, _ make: @escaping @Sendable () async throws -> String
  ) -> Self {
    ValkeyCredentials(userName: userName, password: .made(make))
  }
}
