namespace AdaptiveKv.Server.Wire;

/// <summary>Why a request is not served, in the terms of OpenAI's errors.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">The word that programs look at.</param>
/// <param name="message">What is wrong and what to do, in one line.</param>
/// <param name="parameter">The field of the request that is wrong; null for the request as a whole.</param>
internal sealed class ApiException(int status, string code, string message, string? parameter = null) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status => status;

    /// <summary>What is sent.</summary>
    public ErrorDocument Document => new(new ErrorDocument.Detail(Message, Type, parameter, code));

    private string Type => status switch
    {
        429 => "rate_limit_error",
        < 500 => "invalid_request_error",
        _ => "server_error",
    };

    /// <summary>A field whose value is not served.</summary>
    public static ApiException Field(string field, string problem, string code = "invalid_value") => new(400, code, $"'{field}' {problem}", field);

    /// <summary>A server that ends.</summary>
    public static ApiException Stopping() => new(503, "server_stopping", "the server is stopping: try again at another one, or when it is back");
}

/// <summary>An error as it is sent.</summary>
/// <param name="Error">What it says.</param>
internal sealed record ErrorDocument(ErrorDocument.Detail Error)
{
    /// <summary>What an error says.</summary>
    internal sealed record Detail(string Message, string Type, string? Param, string Code);
}
