using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Training;

/// <summary>A controller that a stage puts together: where its parts are none, the data it was made of is to blame, and no option.</summary>
internal static class TrainedController
{
    /// <param name="source">The file it is made of.</param>
    /// <param name="make">Puts it together.</param>
    /// <exception cref="InvalidDataException">The parts do not fit each other, or a logit could overflow.</exception>
    public static Controller Of(string source, Func<Controller> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{source}: the controller made of it is none: {exception.Message}", exception);
        }
    }
}
