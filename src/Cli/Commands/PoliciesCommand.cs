using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv policies</c>: how policies are named, and what they cost.</summary>
internal static class PoliciesCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        MetricsFormat format = new(terminal);
        Command command = new("policies", "List the policies: how their names are put together, what decides a token's tier, and the bits for each number in the cache");
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            terminal.Output.Write(format.Render(arguments, Table, () => JsonSerializer.Serialize(PolicyForm.All, PipelineJson.Lines.IReadOnlyListPolicyForm), Text));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Text() => string.Join('\n', PolicyForm.All.Select(form => $"{form.Name}, such as {form.Example}\n  tier  {form.Tier}\n  bits  {form.Cost}\n"));

    private static TextTable Table()
    {
        TextTable table = new("name", "a token's tier", "bits for each number", "example");
        PolicyForm.All.ToList().ForEach(form => table.Add(form.Name, form.Tier, form.Cost, form.Example));
        return table;
    }
}
