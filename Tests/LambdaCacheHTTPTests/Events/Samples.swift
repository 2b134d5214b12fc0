/// Events in the shape in which AWS's documentation shows them.
enum Samples {
  static let httpAPI = """
    {
      "version": "2.0",
      "routeKey": "GET /users/{name}",
      "rawPath": "/users/ada",
      "rawQueryString": "b=2&a=1&a=3",
      "cookies": ["s=1", "t=2"],
      "headers": {"accept-language": "de,en", "host": "id.execute-api.eu-central-1.amazonaws.com"},
      "queryStringParameters": {"a": "1,3", "b": "2"},
      "pathParameters": {"name": "ada"},
      "stageVariables": {"flavour": "plain"},
      "requestContext": {
        "accountId": "123456789012",
        "apiId": "id",
        "authorizer": {"jwt": {"claims": {"sub": "7f3a"}, "scopes": null}},
        "domainName": "id.execute-api.eu-central-1.amazonaws.com",
        "domainPrefix": "id",
        "http": {
          "method": "GET", "path": "/users/ada", "protocol": "HTTP/1.1",
          "sourceIp": "192.0.2.1", "userAgent": "curl"
        },
        "requestId": "r1",
        "routeKey": "GET /users/{name}",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1583348638390
      },
      "isBase64Encoded": false
    }
    """

  static let functionURL = """
    {
      "version": "2.0",
      "routeKey": "$default",
      "rawPath": "/",
      "rawQueryString": "",
      "headers": {"content-type": "application/json"},
      "requestContext": {
        "accountId": "anonymous",
        "apiId": "id",
        "domainName": "id.lambda-url.eu-central-1.on.aws",
        "domainPrefix": "id",
        "http": {
          "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
          "userAgent": "curl"
        },
        "requestId": "r2",
        "routeKey": "$default",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1583348638390
      },
      "body": "eyJhIjoxfQ==",
      "isBase64Encoded": true
    }
    """

  static let restAPI = """
    {
      "resource": "/users/{name}",
      "path": "/users/ada",
      "httpMethod": "GET",
      "headers": {"Accept": "text/plain", "X-Forwarded-For": "1.2.3.4, 5.6.7.8", "Via": null},
      "multiValueHeaders": {
        "Accept": ["text/html", "text/plain"], "X-Forwarded-For": ["1.2.3.4, 5.6.7.8"]
      },
      "queryStringParameters": {"a": "2", "name of": "Jürgen&co"},
      "multiValueQueryStringParameters": {"a": ["1", "2"], "name of": ["Jürgen&co"]},
      "pathParameters": {"name": "ada"},
      "stageVariables": null,
      "requestContext": {
        "accountId": "123456789012",
        "apiId": "id",
        "authorizer": {"claims": null, "scopes": null},
        "domainName": "id.execute-api.eu-central-1.amazonaws.com",
        "identity": {"accessKey": null, "sourceIp": "192.0.2.1", "userArn": null},
        "path": "/prod/users/ada",
        "protocol": "HTTP/1.1",
        "requestId": "r3",
        "requestTimeEpoch": 1583349317135,
        "resourcePath": "/users/{name}",
        "stage": "prod"
      },
      "body": null,
      "isBase64Encoded": false
    }
    """

  static let loadBalancer = """
    {
      "requestContext": {
        "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/b"}
      },
      "httpMethod": "GET",
      "path": "/lambda",
      "queryStringParameters": {"query": "1234%20ABCD"},
      "headers": {
        "accept-language": "de", "host": "lb-846800462.eu-central-1.elb.amazonaws.com",
        "x-forwarded-proto": "http"
      },
      "body": "",
      "isBase64Encoded": false
    }
    """

  static let multiValueLoadBalancer = """
    {
      "requestContext": {
        "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/b"}
      },
      "httpMethod": "GET",
      "path": "/lambda",
      "multiValueQueryStringParameters": {"query": ["1234%20ABCD"], "a": ["1", "2"]},
      "multiValueHeaders": {
        "accept": ["text/html", "text/plain"],
        "host": ["lb-846800462.eu-central-1.elb.amazonaws.com"]
      },
      "body": "",
      "isBase64Encoded": false
    }
    """
}
