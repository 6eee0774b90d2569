/** For Windows PowerShell 5.1 and PowerShell 7. An empty last word cannot be passed in 5.1, so it is said by a flag. */
export const powershell = `# Completion of spoq and sparebox for PowerShell.
Register-ArgumentCompleter -Native -CommandName @('spoq', 'sparebox') -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition })
    $program = $elements[0].Extent.Text
    $words = @($elements | Select-Object -Skip 1 | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    if ($wordToComplete -eq '') { $lines = @(& $program complete --empty -- @words 2>$null) }
    else { $lines = @(& $program complete -- @words 2>$null) }
    if ($lines.Count -eq 0 -or $lines[0] -like ':*') { return }
    foreach ($line in $lines) {
        $parts = $line -split "\`t", 2
        $about = if ($parts.Count -gt 1) { $parts[1] } else { $parts[0] }
        [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $about)
    }
}
`
