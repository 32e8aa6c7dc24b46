using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The session that a command line asks for.</summary>
/// <param name="Policy">How the cache is kept.</param>
/// <param name="AskedBits">Mean of effective bits that the policy's name asks for; null where it asks for none.</param>
/// <param name="Budget">Most bytes the cache may take; null for as many as the policy needs.</param>
/// <param name="Code">How its tokens are coded.</param>
/// <param name="Threads">Threads of the engine; null for what suits the model and the machine.</param>
/// <param name="Arithmetic">How the model is to be loaded.</param>
internal sealed record SessionRequest(PrecisionPolicy Policy, double? AskedBits, long? Budget, CodeSetup Code, int? Threads, Arithmetic Arithmetic)
{
    /// <summary>Opens it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="terminal">Hears what is worth a note.</param>
    /// <param name="prompt">Tokens that are read first; all of them where it is not known.</param>
    /// <param name="total">Most tokens of the sequence.</param>
    /// <param name="remedy">What to do where the budget holds only so many tokens.</param>
    /// <exception cref="ArgumentException">The budget is too small.</exception>
    public AdaptiveSession Open(AkvModel model, Terminal terminal, int prompt, int total, Func<int, string> remedy)
    {
        OpenOptions options = new()
        {
            Code = Code, MaxTokens = total, MaxBytes = Budget, PromptTokens = prompt, Threads = CommonOptions.Threads(Threads, model.Weights, terminal),
        };
        if (Budget is { } budget)
        {
            BudgetPlan plan = AdaptiveSession.Plan(budget, model.Weights, Policy, new EngineSetup(1, Code.For(model.Weights).Options), total);
            if (plan.Least(total) > budget)
            {
                string parts = prompt < total ? $" ({prompt} of the prompt, up to {total - prompt} new ones)" : "";
                throw new ArgumentException(
                    $"--kv-budget {Amount.Text(budget, Amount.Bytes)}: {total} tokens{parts} take more even in {plan.Cheapest} bits: "
                    + $"give {(plan.Least(total) + 999) / 1000}kB or more, or {remedy(plan.MostTokens(budget, total))}");
            }
        }

        return model.Open(Policy, options);
    }
}
