using System.Text.Json.Nodes;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Report;

/// <summary>The pages as a reader sees them: in a real browser, by light and by dark, wide and narrow; with AKV_SCREENSHOTS=FOLDER the pictures are kept to look at.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const int MostPixels = 20_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("report")]
    [InlineData("runs")]
    public void ThePageIsDrawnInBothSchemesAtThreeWidths(string name)
    {
        string page = Page(name);
        foreach (int width in (int[])[1400, 800, 400])
        {
            Pixels light = Shoot(page, width, dark: false), dark = Shoot(page, width, dark: true);

            Assert.Equal((width, light.Height), (light.Width, dark.Height));
            Assert.InRange(light.Height, 900, MostPixels);
            Assert.True(light.At(2, 2).Brightness > 240 && dark.At(2, 2).Brightness < 40, $"backgrounds {light.At(2, 2)} and {dark.At(2, 2)}");
            // A page that failed to draw is of one colour; this one has text, lines and bars all over.
            Assert.All([light, dark], picture => Assert.InRange(picture.ShareUnlike(picture.At(2, 2)), 0.05, 0.85));
            Assert.All([light, dark], picture => Assert.True(picture.Colors > 200, $"{picture.Colors} colours"));
        }
    }

    [Fact]
    public void TheBrowserFindsEveryPictureAndNothingToComplainOf()
    {
        string page = Page("report");
        browser.Open(page);

        Assert.Equal(15, (int?)browser.Evaluate("document.querySelectorAll('svg.wide').length"));
        Assert.Equal(12, (int?)browser.Evaluate("document.querySelectorAll('table').length"));
        Assert.Contains(SampleReport.HostileName, (string)browser.Evaluate("document.body.textContent")!, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints);
        Assert.All(browser.Requests, url => Assert.Matches("^(file|data):", url));
    }

    /// <summary>The test above can fail: a page with a script from elsewhere is refused by the policy, which the browser says.</summary>
    [Fact]
    public void APageThatFetchesIsNoticed()
    {
        string page = File.ReadAllText(Page("report")).Replace("<h1>", "<script src=\"https://example.invalid/x.js\"></script><h1>", StringComparison.Ordinal);
        browser.Open(folder.Write("bad.html", page));

        Assert.Contains(browser.Complaints, complaint => complaint.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    /// <summary>Measured by the browser: labels keep off each other and off others' points and within their picture, every point has its name, and no picture needs scrolling.</summary>
    [Theory]
    [InlineData("report")]
    [InlineData("runs")]
    public void LabelsKeepOffEachOtherAndPicturesFit(string name)
    {
        const string Script = """
            (() => {
              const faults = [], page = document.documentElement;
              if (page.scrollWidth > page.clientWidth) faults.push(`the page is ${page.scrollWidth} wide`);
              for (const svg of [...document.querySelectorAll('svg.plot')].filter(svg => svg.checkVisibility())) {
                const title = svg.querySelector('title').textContent, box = svg.getBoundingClientRect(), outer = svg.closest('.picture').getBoundingClientRect();
                const fault = problem => faults.push(`${title}: ${problem}`);
                if (box.left < outer.left || box.right > outer.right + 1 || box.right > page.clientWidth) fault('needs scrolling');
                const scale = box.width / svg.viewBox.baseVal.width;
                const size = scale * parseFloat(getComputedStyle(svg).fontSize);
                if (size < 9.5) fault(`letters of ${size.toFixed(1)} pixels`);
                const meet = (one, two, most) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1 && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > most * scale;
                const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent).map(text => [text.textContent, text.getBoundingClientRect()]);
                const dots = [...svg.querySelectorAll('.dot')].map(dot => dot.getBoundingClientRect());
                texts.forEach(([label, one], i) => {
                  if (one.left < box.left - 1 || one.right > box.right + 1 || one.top < box.top - 1 || one.bottom > box.bottom + 1) fault(`outside: ${label}`);
                  for (const [other, two] of texts.slice(0, i)) if (meet(one, two, 4)) fault(`meet: ${label} and ${other}`);
                  if (dots.some(dot => meet(one, dot, 4))) fault(`on a point: ${label}`);
                });
                const named = svg.querySelectorAll('text[class^=s]').length;
                const points = svg.querySelectorAll('.whisker').length;
                if (named > 0 && named !== points) fault(`${named} names of ${points} points`);
              }
              return faults;
            })()
            """;
        string page = Page(name);
        foreach (int width in (int[])[1400, 800, 400])
        {
            browser.Open(page, width);
            Assert.Empty(((JsonArray)browser.Evaluate(Script)!).Select(fault => $"{width}: {fault}"));
        }
    }

    private string Page(string name)
    {
        if (name == "report")
        {
            Dictionary<string, string> deps = SampleReport.Write(folder);
            ReportInputs inputs = ReportInputs.Read(deps["evaluation"], deps["training"], deps["summary"], deps["speed"]);
            return folder.Write("report.html", HtmlReport.Of(ReportDocument.Of(inputs, TimeProvider.System)));
        }

        EvaluationReport old = SampleReport.Evaluation;
        EvaluationReport @new = old with { Policies = [.. old.Policies.Select((policy, i) => i is 5 or 6 ? policy with { EffectiveBits = policy.EffectiveBits - 0.1, Divergence = policy.Divergence! with { Kl = 0.8 * policy.Divergence.Kl, Low = 0.7 * policy.Divergence.Kl, High = 0.9 * policy.Divergence.Kl } } : policy)] };
        return folder.Write("runs.html", RunsReport.Html("default", folder.Write("old.json", ReportJson.Text(old)), "train.lr=3e-4", folder.Write("new.json", ReportJson.Text(@new)), TimeProvider.System));
    }

    private Pixels Shoot(string page, int width, bool dark)
    {
        browser.Open(page, width, dark);
        byte[] picture = browser.Shoot();
        if (Environment.GetEnvironmentVariable("AKV_SCREENSHOTS") is { Length: > 0 } kept)
        {
            File.WriteAllBytes(Path.Combine(kept, $"{Path.GetFileNameWithoutExtension(page)}-{width}-{(dark ? "dark" : "light")}.png"), picture);
        }

        return Pixels.Read(folder.Write("shot.png", picture));
    }
}
