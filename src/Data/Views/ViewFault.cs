using System.Runtime.ExceptionServices;

namespace AdaptiveKv.Data.Views;

/// <summary>ML.NET reads ahead on threads of its own, and wraps what goes wrong there.</summary>
internal static class ViewFault
{
    /// <summary>Work over views, whose fault is thrown as it was.</summary>
    public static Action<T> Unwrapped<T>(Action<T> work) => argument =>
    {
        try
        {
            work(argument);
        }
        catch (InvalidOperationException exception) when (Cause(exception) is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
    };

    private static Exception? Cause(Exception? exception) => exception is null or InvalidDataException or IOException or OperationCanceledException ? exception : Cause(exception.InnerException);
}
