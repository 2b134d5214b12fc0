extension HTTPHeaderFields {
  /// Whether a field names the caller that a gateway, a load balancer or a key has identified.
  ///
  /// They count as `Authorization` does: the response may be made for that caller. A client can
  /// write most of them itself, and then only keeps its own response from being stored.
  var namesCaller: Bool { contains { Self.namesCaller($0.name) } }

  /// Beginnings of the names: a load balancer that has authenticated the caller (OpenID Connect,
  /// mutual TLS in both modes), Verified Access, VPC Lattice, CloudFront with viewer certificates,
  /// a gateway that has put `Authorization` aside; and other proxies that end TLS or a sign-in
  /// before them (RFC 9440, Envoy, OAuth2 Proxy, Cloudflare Access).
  private static let callerPrefixes = [
    "x-amzn-oidc-", "x-amzn-mtls-", "x-amzn-ava-", "x-amzn-lattice-identity",
    "x-amzn-remapped-authorization", "cloudfront-viewer-cert", "client-cert",
    "x-forwarded-client-cert", "x-forwarded-user", "x-forwarded-email", "x-auth-request-",
    "cf-access-",
  ].map { Array($0.utf8) }

  private static func namesCaller(_ name: String) -> Bool {
    if name.equalsIgnoringCase("authorization") || name.equalsIgnoringCase("x-api-key") {
      return true
    }
    return callerPrefixes.contains { prefix in
      name.utf8.count >= prefix.count
        && zip(name.utf8, prefix).allSatisfy { ASCII.lowercased($0) == $1 }
    }
  }
}
