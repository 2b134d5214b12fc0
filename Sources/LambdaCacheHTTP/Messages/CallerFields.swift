internal import LambdaCacheText

extension HTTPHeaderFields {
  /// Whether a field identifies the caller, by a gateway, a load balancer or a key.
  ///
  /// Such fields have the effect of `Authorization`: the response may be made for that caller. A
  /// client can write most of them itself, which only prevents that its own response is stored.
  ///
  /// - Parameter others: Names of further fields that identify the caller.
  func namesCaller(beside others: [String] = []) -> Bool {
    lines.contains { field in
      Self.namesCaller(field.name) || others.contains(where: field.name.equalsIgnoringCase)
    }
  }

  /// Beginnings of the names.
  ///
  /// They are from these pages of AWS:
  /// - "Authenticate users using an Application Load Balancer": `x-amzn-oidc-accesstoken`,
  ///   `-identity` and `-data`.
  /// - "HTTP header modification for your Application Load Balancer": `x-amzn-mtls-clientcert`, and
  ///   the same with `-serial-number`, `-issuer`, `-subject`, `-validity` and `-leaf`, if they were
  ///   not given other names.
  /// - "User claims passing and signature verification in Verified Access":
  ///   `x-amzn-ava-user-context`.
  /// - "HTTP targets in VPC Lattice": `x-amzn-lattice-identity`.
  /// - "Viewer mTLS headers for cache policies and forwarded to origin" (CloudFront):
  ///   `cloudfront-viewer-cert-serial-number`, `-issuer`, `-subject`, `-present`, `-sha256`,
  ///   `-validity` and `-pem`.
  /// - "Common parameters" (API references): `x-amz-security-token`, which belongs to a signature.
  ///
  /// The others are of proxies that end TLS or a sign-in: RFC 9440, Envoy, OAuth2 Proxy, Cloudflare
  /// Access, Identity-Aware Proxy, App Service.
  private static let callerPrefixes = [
    "x-amzn-oidc-", "x-amzn-mtls-", "x-amzn-ava-", "x-amzn-lattice-identity",
    "x-amzn-remapped-authorization", "x-amz-security-token", "cloudfront-viewer-cert",
    "client-cert", "x-forwarded-client-cert", "x-forwarded-user", "x-forwarded-email",
    "x-auth-request-", "cf-access-", "x-goog-iap-", "x-goog-authenticated-user-",
    "x-ms-client-principal",
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
